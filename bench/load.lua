-- One kind of request, again and again: KIND and what it needs are arguments. Prints what was answered with 2xx, and how
-- fast. Files have one line for each request, and each thread takes every other line.
local threads = {}

function setup(thread)
  thread:set("thread_number", #threads)
  table.insert(threads, thread)
end

local json = {["Content-Type"] = "application/json"}
local posts = {}

function posts.hold(product)
  local request = wrk.format("POST", "/api/holds", json, string.format('{"product_id":"%s","quantity":1}', product))
  return function() return request end
end

-- Products of a file, one after the other.
function posts.spread(file)
  local requests, at = {}, 0
  for product in io.lines(file) do table.insert(requests, posts.hold(product)()) end
  at = thread_number * math.floor(#requests / 2)
  return function()
    at = at % #requests + 1
    return requests[at]
  end
end

function posts.show(product)
  local request = wrk.format("GET", "/api/products/" .. product)
  return function() return request end
end

-- Lines of a file, each once; the thread ends with them.
local function each_line(file, make)
  local lines = io.lines(file)
  local is_over = thread_number == 1 and lines() == nil
  return function()
    local line = not is_over and lines()
    -- The next line is the other thread's. After its end a file can't be asked any more.
    is_over = not line or lines() == nil
    if not line then
      wrk.thread:stop()
      return wrk.format("GET", "/health/live")
    end
    return make(line)
  end
end

function posts.order(file)
  return each_line(file, function(hold)
    return wrk.format("POST", "/api/orders", json, string.format('{"hold_id":"%s","customer_id":42}', hold))
  end)
end

function posts.notice(file)
  return each_line(file, function(line)
    local signature, body = line:match("^(%x+) (.*)$")
    return wrk.format("POST", "/api/payments/webhook", {["Content-Type"] = "application/json", ["X-Signature"] = signature}, body)
  end)
end

function init(args)
  request = posts[args[1]](args[2])
  if args[3] then
    local file = io.open(args[3] .. "." .. thread_number, "a")
    function response(status, _, body)
      if status == 201 then file:write(body:match('^{"id":"([^"]*)"'), "\n") end
    end
  end
end

function done(summary, latency)
  local answered = summary.requests - summary.errors.status
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", answered / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
