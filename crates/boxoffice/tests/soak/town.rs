//! The place: PostgreSQL, two nodes, a sandbox, and what is for sale.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::app::{WEBHOOK_SECRET, client};
use testkit::databases::{FreshDatabase, lines};
use testkit::postgres::{Options, Server};

use crate::Settings;
use crate::support::caller::{Caller, Wish};
use crate::support::ending::every_fault;
use crate::support::promises::text;
use crate::support::{Program, Recipe};

/// What the sandbox's clients send.
const API_KEY: &str = "key-of-the-tests";
/// How often the sandbox is asked.
const TRIES: u32 = 10;
/// The first pause before it is asked again; the next ones are longer.
const PAUSE: Duration = Duration::from_millis(100);
/// The price of everything, in cents.
pub(crate) const PRICE_CENTS: u64 = 2_500;

pub(crate) struct Town {
    pub(crate) settings: Settings,
    pub(crate) caller: Caller,
    pub(crate) recipes: [Recipe; 2],
    pub(crate) products: Vec<Product>,
    sandbox: Program,
    client: Client,
    // Before the server that it is on.
    database: FreshDatabase,
    pub(crate) postgres: Server,
    _folder: tempfile::TempDir,
}

pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) total_stock: u64,
}

impl Town {
    pub(crate) async fn found(settings: Settings) -> Result<(Self, [Program; 2])> {
        let postgres = Server::start(Options::default())?;
        let database = FreshDatabase::postgres_on(&postgres)?;
        let folder = tempfile::tempdir()?;
        // Holds and orders of one node are over soon, those of the other after most payments have come.
        let node = |hold_s, order_s| {
            let flags = ["--hold-ttl-s", hold_s, "--order-ttl-s", order_s, "--poll-after-s", "1"];
            anyhow::Ok(Recipe::serve(&database.url_text(), &flags)?.quiet())
        };
        let mut recipes = [node("2", "6")?, node("20", "40")?];
        let sandbox = sandbox(&folder, &recipes[0]).await?;
        for recipe in &mut recipes {
            recipe.arguments.extend(["--coinbase-api-url".to_owned(), sandbox.url.clone()]);
        }
        let nodes = [recipes[0].start().await?, recipes[1].start().await?];
        let caller = Caller::of(recipes.iter().map(Recipe::url).collect())?;
        let mut town = Self {
            settings,
            caller,
            recipes,
            products: Vec::new(),
            sandbox,
            client: client()?,
            database,
            postgres,
            _folder: folder,
        };
        town.prepare().await?;
        Ok((town, nodes))
    }

    async fn prepare(&mut self) -> Result<()> {
        // Each node is told of everything: what one of them can't take, it is told again.
        let second = json!({"url": format!("{}/webhook", self.recipes[1].url())});
        let merchants = self.control(Method::GET, "merchants", &Value::Null).await?;
        let path = format!("merchants/{}/endpoints", merchants[0]["id"]);
        self.control(Method::POST, &path, &second).await?;
        self.control(Method::PUT, "faults", &every_fault(self.settings.seed)).await?;
        // Two of them sell out.
        for total_stock in [self.settings.payments / 8 + 1, self.settings.payments / 3 + 1, 1_000_000] {
            let body = json!({"name": "Seat", "price": "25.00", "total_stock": total_stock});
            let (status, product) = self.caller.insist(&Wish::post("/api/products", body)).await?;
            ensure!(status == 201, "{product}");
            self.products.push(Product { id: text(&product["id"])?, total_stock });
        }
        Ok(())
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/_control/{path}", self.sandbox.url);
        let request = self.client.request(method, url.trim_end_matches('/'));
        let request = if body.is_null() { request } else { request.json(body) };
        let (answer, is_first) = send(&request).await?;
        // Asked again, it may have been done before, and not be possible twice.
        if !is_first && answer.status() == 400 {
            return Ok(Value::Null);
        }
        let mut answer: Value = answer.error_for_status()?.json().await?;
        Ok(answer["data"].take())
    }

    /// What the merchant's own clients ask of the sandbox. `None` if it says no.
    pub(crate) async fn commerce(&self, method: Method, path: &str) -> Result<Option<Value>> {
        let request = self.client.request(method, format!("{}/{path}", self.sandbox.url));
        let request = request.header("X-CC-Api-Key", API_KEY).header("X-CC-Version", "2018-03-22");
        let (answer, _) = send(&request).await?;
        if !answer.status().is_success() {
            return Ok(None);
        }
        let mut answer: Value = answer.json().await?;
        Ok(Some(answer["data"].take()))
    }

    /// All charges of the sandbox.
    pub(crate) async fn charges(&self) -> Result<Vec<Value>> {
        let mut charges = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.commerce(Method::GET, &format!("charges?limit=100{after}")).await?.context("charges")?;
            let Value::Array(page) = page else { anyhow::bail!("no list: {page}") };
            let Some(last) = page.last() else { return Ok(charges) };
            after = format!("&starting_after={}", text(&last["id"])?);
            charges.extend(page);
        }
    }

    /// How the work for a checkout stands, for people.
    pub(crate) fn jobs_of(&self, checkout_id: &str) -> Result<Vec<Vec<String>>> {
        let what = "concat_ws('|', kind, status, attempts, run_at, now(), last_error)";
        self.rows(&format!("SELECT {what} AS line FROM jobs WHERE subject_id = '{checkout_id}'"))
    }

    /// What a query finds, each row split at its bars.
    pub(crate) fn rows(&self, query: &str) -> Result<Vec<Vec<String>>> {
        let rows = lines(&self.database.url_text(), query)?;
        Ok(rows.iter().map(|row| row.split('|').map(str::to_owned).collect()).collect())
    }
}

/// Sends until there is an answer, and says whether the first try had one: a busy machine closes a connection now and then just
/// when it is used again, or is too slow to read a request in time.
async fn send(request: &RequestBuilder) -> Result<(Response, bool)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match request.try_clone().context("a body that can be sent again")?.send().await {
            Ok(answer) if attempt == TRIES || !is_about_the_machine(&answer) => return Ok((answer, attempt == 1)),
            Err(error) if attempt == TRIES => return Err(error.into()),
            Ok(_) | Err(_) => tokio::time::sleep(PAUSE * attempt).await,
        }
    }
}

fn is_about_the_machine(answer: &Response) -> bool {
    answer.status() == 408 || answer.status().is_server_error()
}

async fn sandbox(folder: &tempfile::TempDir, node: &Recipe) -> Result<Program> {
    let file = folder.path().join("sandbox.db").display().to_string();
    let hook = format!("{}/webhook", node.url());
    let arguments = [
        "sandbox",
        "--database",
        &file,
        "--api-key",
        API_KEY,
        "--webhook-secret",
        WEBHOOK_SECRET,
        "--webhook-url",
        &hook,
        "--pay-delay-ms",
        "200",
    ];
    Recipe::of(arguments.map(str::to_owned).to_vec())?.quiet().start().await
}
