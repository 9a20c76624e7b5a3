-- Drives wrk through a list of targets, one a line, from the file that ROSTER_TARGETS names.
-- Each thread starts at another place of the list, so that no two ask the same at once.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(arguments)
    requests = {}
    for target in io.lines(os.getenv("ROSTER_TARGETS")) do
        requests[#requests + 1] = wrk.format("GET", target)
    end
    place = math.floor(number * #requests / 2)
end

function request()
    place = place + 1
    if place > #requests then place = 1 end
    return requests[place]
end
