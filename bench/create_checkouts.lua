-- POST /checkouts with a key that was never used before, and a count of what was really created.
local threads = {}
local next_thread = 0

function setup(thread)
  thread:set("thread_number", next_thread)
  next_thread = next_thread + 1
  table.insert(threads, thread)
end

function init(args)
  run = args[1] or "run"
  sent = 0
  created = 0
end

function request()
  sent = sent + 1
  local body = string.format(
    '{"merchant_id":"bench","amount":"29.99","currency":"USD","email":"buyer@example.com","idempotency_key":"%s-%d-%d"}',
    run, thread_number, sent)
  return wrk.format("POST", "/checkouts", {["Content-Type"] = "application/json"}, body)
end

function response(status)
  if status == 201 then created = created + 1 end
end

function done(summary, latency)
  local created_in_all = 0
  for _, thread in ipairs(threads) do created_in_all = created_in_all + thread:get("created") end
  local seconds = summary.duration / 1e6
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", created_in_all / seconds,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.requests - created_in_all))
end
