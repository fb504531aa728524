// The code that the page offers. `base` has no slash at its end; `quote` makes a literal of the language.

const backslashed = (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const curl = {
  title: "curl",
  install: "",
  create: ({ base, key }) => `curl ${shell(`${base}/charges`)} \\
  -H ${shell(`X-CC-Api-Key: ${key}`)} -H 'X-CC-Version: 2018-03-22' \\
  -H 'Content-Type: application/json' \\
  -d '{"name": "Seat 12", "pricing_type": "fixed_price",
       "local_price": {"amount": "29.99", "currency": "USD"}}'`,
  verify: ({ secret }) => `# body.json is the body as it arrived, byte for byte.
# The result must be what X-CC-Webhook-Signature says.
openssl dgst -sha256 -hmac ${shell(secret)} -hex < body.json`,
};

const node = {
  title: "Node",
  install: "npm install coinbase-commerce-node@1.0.4 express",
  create: ({ base, key }) => `const { Client, resources: { Charge } } = require('coinbase-commerce-node');

// The slash at the end is required.
Client.init(${backslashed(key)}, ${backslashed(`${base}/`)});

Charge.create({
  name: 'Seat 12',
  description: 'Row 1',
  pricing_type: 'fixed_price',
  local_price: { amount: '29.99', currency: 'USD' },
}).then((charge) => console.log(charge.hosted_url), console.error);`,
  verify: ({ secret }) => `const express = require('express');
const { Webhook } = require('coinbase-commerce-node');

const app = express();
// The raw body: JSON that was parsed and written again has another signature.
app.post('/webhook', express.raw({ type: '*/*' }), (request, response) => {
  let event;
  try {
    const signature = request.get('X-CC-Webhook-Signature') || '';
    event = Webhook.verifyEventBody(request.body.toString('utf8'), signature, ${backslashed(secret)});
  } catch (error) {
    return response.sendStatus(400);
  }
  // The same event may come twice: its id tells.
  console.log(event.id, event.type, event.data.code);
  response.sendStatus(200);
});
app.listen(3000);`,
};

const python = {
  title: "Python",
  install: "pip install coinbase-commerce==1.0.1 flask",
  create: ({ base, key }) => `from coinbase_commerce.client import Client

# The slash matters where the address has a path.
client = Client(${backslashed(key)}, base_api_uri=${backslashed(`${base}/`)})

charge = client.charge.create(
    name='Seat 12',
    description='Row 1',
    pricing_type='fixed_price',
    local_price={'amount': '29.99', 'currency': 'USD'},
)
print(charge.hosted_url)`,
  verify: ({ secret }) => `from coinbase_commerce.error import SignatureVerificationError, WebhookInvalidPayload
from coinbase_commerce.webhook import Webhook
from flask import Flask, request

app = Flask(__name__)

@app.post('/webhook')
def webhook():
    # The raw body: JSON that was parsed and written again has another signature.
    body = request.get_data().decode('utf-8')
    signature = request.headers.get('X-CC-Webhook-Signature', '')
    try:
        event = Webhook.construct_event(body, signature, ${backslashed(secret)})
    except (SignatureVerificationError, WebhookInvalidPayload):
        return '', 400
    # The same event may come twice: its id tells.
    print(event.id, event.type)
    return '', 200

app.run(port=3000)`,
};

const php = {
  title: "PHP",
  install: "composer require coinbase/coinbase-commerce",
  create: ({ base, key }) => `<?php
require __DIR__ . '/vendor/autoload.php';

// The library is of PHP 7's time: PHP 8 refuses to load it. There, any HTTP client does, as in the code for curl.
use CoinbaseCommerce\\ApiClient;
use CoinbaseCommerce\\Resources\\Charge;

ApiClient::init(${backslashed(key)}, ${backslashed(base)});

$charge = Charge::create([
    'name' => 'Seat 12',
    'description' => 'Row 1',
    'pricing_type' => 'fixed_price',
    'local_price' => ['amount' => '29.99', 'currency' => 'USD'],
]);
echo $charge->hosted_url, PHP_EOL;`,
  verify: ({ secret }) => `<?php
// The raw body: JSON that was decoded and encoded again has another signature.
$body = file_get_contents('php://input');
$signature = $_SERVER['HTTP_X_CC_WEBHOOK_SIGNATURE'] ?? '';

// What the library's Webhook::verifySignature does, for every PHP.
if (!hash_equals(hash_hmac('sha256', $body, ${backslashed(secret)}), $signature)) {
    http_response_code(400);
    exit;
}

$event = json_decode($body, true)['event'];
// The same event may come twice: its id tells.
error_log("{$event['id']} {$event['type']}");`,
};

const ruby = {
  title: "Ruby",
  install: "gem install coinbase_commerce sinatra",
  create: ({ base, key }) => `require 'coinbase_commerce'

# The slash matters where the address has a path.
client = CoinbaseCommerce::Client.new(api_key: ${backslashed(key)}, api_url: ${backslashed(`${base}/`)})

charge = client.charge.create(
  name: 'Seat 12',
  description: 'Row 1',
  pricing_type: 'fixed_price',
  local_price: { amount: '29.99', currency: 'USD' }
)
puts charge.hosted_url`,
  verify: ({ secret }) => `require 'coinbase_commerce'
require 'sinatra'

set :port, 3000

post '/webhook' do
  # The raw body: JSON that was parsed and written again has another signature.
  body = request.body.read
  signature = request.env['HTTP_X_CC_WEBHOOK_SIGNATURE']
  begin
    event = CoinbaseCommerce::Webhook.construct_event(body, signature, ${backslashed(secret)})
    # The same event may come twice: its id tells.
    puts "#{event.id} #{event.type}"
    200
  rescue JSON::ParserError,
         CoinbaseCommerce::Errors::SignatureVerificationError,
         CoinbaseCommerce::Errors::WebhookInvalidPayload
    400
  end
end`,
};

export const LANGUAGES = { curl, node, python, php, ruby };
