// A small HTTP/1.1 client that times every answer, for what wrk does not do: several kinds of request in turn, and a
// given rate.
//
//     load turn  PORT SECONDS MOST FILE...
//         One connection, one request at a time, the files in turn, until the time is over or MOST rounds are made.
//     load paced PORT SECONDS RATE CONNECTIONS FILE
//         RATE requests a second over CONNECTIONS, whether answers come or not. The time of an answer counts from when
//         its request was due, so that waiting for a free connection is part of it. What is still waiting when the
//         time is over is not sent; it counts with the time that it has waited, so that a stall is not hidden.
//
// A line of FILE is METHOD, target and body, separated by tabs; the body may be missing. The lines are used in order,
// and from the start again at the end; with `once` before `paced`, none is used twice.
//
// One line of JSON is printed for each file: how many answers, how many of them without "ret_code":0, how many
// requests were not sent, microseconds at the median, the 90th, 99th and 99.9th percentile, the mean and the largest,
// the rate reached, and this program's CPU time.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void *grown(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (!memory) fail("memory");
    return memory;
}

// ---- requests and their times

typedef struct { char *bytes; size_t length; } Request;

typedef struct {
    const char *file;
    Request *requests;
    size_t count, next;
    uint64_t *times;
    size_t answered, room, failed, unsent;
} Source;

static Source readSource(const char *path) {
    Source source = {.file = path};
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0) {
        if (line[length - 1] == '\n') line[--length] = 0;
        char *target = strchr(line, '\t');
        if (!target) fail("a line without a tab");
        *target++ = 0;
        char *body = strchr(target, '\t');
        if (body) *body++ = 0;
        source.requests = grown(source.requests, (source.count + 1) * sizeof(Request));
        Request *request = &source.requests[source.count++];
        int made = body
            ? asprintf(&request->bytes, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                "Content-Length: %zu\r\n\r\n%s", line, target, strlen(body), body)
            : asprintf(&request->bytes, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", line, target);
        if (made < 0) fail("memory");
        request->length = (size_t)made;
    }
    if (!source.count) fail("a file without a request");
    free(line);
    fclose(file);
    return source;
}

static void record(Source *source, uint64_t nanoseconds, int isGood) {
    if (source->answered == source->room) {
        source->room = source->room ? source->room * 2 : 4096;
        source->times = grown(source->times, source->room * sizeof(uint64_t));
    }
    source->times[source->answered++] = nanoseconds;
    source->failed += !isGood;
}

static int inOrder(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static double percentile(const Source *source, double share) {
    return (double)source->times[(size_t)((double)(source->answered - 1) * share)] / 1000;
}

static void report(Source *source, double seconds) {
    if (!source->answered) fail("no answer in the time given");
    qsort(source->times, source->answered, sizeof(uint64_t), inOrder);
    double sum = 0;
    for (size_t index = 0; index < source->answered; index++) sum += (double)source->times[index] / 1000;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("{\"file\":\"%s\",\"count\":%zu,\"failed\":%zu,\"unsent\":%zu,"
        "\"median\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"mean\":%.2f,\"max\":%.2f,"
        "\"rate\":%.1f,\"client_cpu\":%.3f}\n",
        source->file, source->answered - source->unsent, source->failed, source->unsent,
        percentile(source, 0.5), percentile(source, 0.9), percentile(source, 0.99), percentile(source, 0.999),
        sum / (double)source->answered, percentile(source, 1),
        (double)(source->answered - source->unsent) / seconds,
        (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
            (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
}

// ---- connections

typedef struct {
    int socket;
    char *buffer;
    size_t used, room;
    uint64_t due;
    int isBusy;
} Connection;

static Connection connected(int port) {
    Connection connection = {.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    if (connection.socket < 0 || connect(connection.socket, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connection.room = 1 << 18;
    connection.buffer = grown(NULL, connection.room);
    return connection;
}

static void sendRequest(Connection *connection, Source *source) {
    Request *request = &source->requests[source->next++ % source->count];
    for (size_t sent = 0; sent < request->length;) {
        // Requests are short and sockets block: only an answer is waited for.
        ssize_t count = send(connection->socket, request->bytes + sent, request->length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail("send");
        sent += (size_t)count;
    }
    connection->used = 0;
    connection->isBusy = 1;
}

// Reads what has come; true where the answer is whole.
static int receive(Connection *connection, int *isGood) {
    if (connection->used + 1 >= connection->room)
        connection->buffer = grown(connection->buffer, connection->room *= 2);
    ssize_t count = recv(
        connection->socket, connection->buffer + connection->used, connection->room - connection->used - 1, 0);
    if (count < 0 && errno == EINTR) return 0;
    if (count <= 0) { if (!count) errno = 0; fail("the server closed the connection"); }
    connection->used += (size_t)count;
    connection->buffer[connection->used] = 0;
    char *end = memmem(connection->buffer, connection->used, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    char *length = strcasestr(connection->buffer, "\r\ncontent-length:");
    if (!length) fail("an answer without Content-Length");
    size_t body = strtoul(length + 17, NULL, 10);
    *end = '\r';
    if (connection->used < (size_t)(end + 4 - connection->buffer) + body) return 0;
    // It stands right behind the action, or at the end where a message is between.
    static int shown;
    *isGood = memmem(end + 4, body, "\"ret_code\":0", 12) != NULL;
    if (!*isGood && !shown++) fprintf(stderr, "load: refused: %.*s\n", (int)(body < 300 ? body : 300), end + 4);
    connection->isBusy = 0;
    return 1;
}

// ---- the two ways

static void takeTurns(int port, double seconds, size_t most, Source *sources, int count) {
    Connection connection = connected(port);
    uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9);
    for (size_t round = 0; round < most && (now() < end || round == 0); round++) {
        for (int index = 0; index < count; index++) {
            int isGood = 0;
            uint64_t sent = now();
            sendRequest(&connection, &sources[index]);
            while (!receive(&connection, &isGood)) {}
            record(&sources[index], now() - sent, isGood);
        }
    }
    double taken = (double)(now() - start) / 1e9;
    for (int index = 0; index < count; index++) report(&sources[index], taken);
}

static void pace(int port, double seconds, double rate, int count, Source *source, int isOnce) {
    Connection *connections = grown(NULL, (size_t)count * sizeof *connections);
    int *idle = grown(NULL, (size_t)count * sizeof *idle), idleCount = 0;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (int index = 0; index < count; index++) {
        connections[index] = connected(port);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, connections[index].socket, &event) != 0) fail("epoll");
        idle[idleCount++] = index;
    }
    prctl(PR_SET_TIMERSLACK, 1);
    uint64_t start = now(), most = (uint64_t)(seconds * rate), started = 0;
    if (isOnce && most > source->count) most = source->count;
    double step = 1e9 / rate;
    // Answers that are still out when the time is over are waited for, but not for ever.
    uint64_t end = start + (uint64_t)(seconds * 1e9);
    int busy = 0;
    while (started < most || busy) {
        uint64_t time = now();
        if (time > end && started < most) {
            source->unsent = most - started;
            for (uint64_t late = started; late < most; late++)
                record(source, time - (start + (uint64_t)((double)late * step)), 1);
            most = started;
            continue;
        }
        if (time > end + 20000000000u) fail("answers are out for more than 20 s");
        while (started < most && idleCount && start + (uint64_t)((double)started * step) <= time) {
            Connection *connection = &connections[idle[--idleCount]];
            connection->due = start + (uint64_t)((double)started++ * step);
            sendRequest(connection, source);
            busy++;
        }
        struct timespec wait = {.tv_sec = 1};
        if (started < most && idleCount) {
            uint64_t due = start + (uint64_t)((double)started * step), moment = now();
            uint64_t left = due > moment ? due - moment : 0;
            wait = (struct timespec){.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
        }
        struct epoll_event events[64];
        int ready = epoll_pwait2(poll, events, 64, &wait, NULL);
        if (ready < 0 && errno != EINTR) fail("epoll");
        for (int index = 0; index < ready; index++) {
            Connection *connection = &connections[events[index].data.u32];
            int isGood = 0;
            if (!receive(connection, &isGood)) continue;
            record(source, now() - connection->due, isGood);
            idle[idleCount++] = (int)events[index].data.u32;
            busy--;
        }
    }
    report(source, (double)(now() - start) / 1e9);
}

int main(int count, char **arguments) {
    int isOnce = count > 1 && !strcmp(arguments[1], "once");
    count -= isOnce;
    arguments += isOnce;
    errno = 0;
    if (count >= 6 && !strcmp(arguments[1], "turn") && !isOnce) {
        Source sources[64];
        if (count - 5 > 64) fail("too many files");
        for (int index = 5; index < count; index++) sources[index - 5] = readSource(arguments[index]);
        takeTurns(atoi(arguments[2]), atof(arguments[3]), strtoul(arguments[4], NULL, 10), sources, count - 5);
        return 0;
    }
    if (count == 7 && !strcmp(arguments[1], "paced")) {
        Source source = readSource(arguments[6]);
        pace(atoi(arguments[2]), atof(arguments[3]), atof(arguments[4]), atoi(arguments[5]), &source, isOnce);
        return 0;
    }
    fprintf(stderr, "usage: load turn PORT SECONDS MOST FILE...\n"
        "       load [once] paced PORT SECONDS RATE CONNECTIONS FILE\n");
    return 2;
}
