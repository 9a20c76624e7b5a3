// An LDAP client that asks as fast as it is answered: searches that were encoded beforehand, over epoll, on one thread.
//
//     ldapload look PORT CONNECTIONS OUTSTANDING SECONDS FILE
//         Each connection binds once; then each has OUTSTANDING searches out at any time, until the time is over.
//         Those still out then are waited for.
//     ldapload idle PORT CONNECTIONS FILE
//         Each connection binds and then asks nothing, until the standard input ends. A line of JSON is printed once
//         all are bound.
//
// FILE holds the bind, and then the searches. Each connection begins at another place, takes those that follow in
// order, and goes on from the start at the end: where the searches of a cluster stand side by side, a connection asks
// about one cluster for long, as a node does. Of each: how many entries belong to its answer, how many bytes a text has
// that stands in the answer, how many the message has (three numbers of 4 bytes, of this machine's order), the text,
// the message. The identifier of each message is an INTEGER of 4 bytes right behind a header of 6 (30 84 and the
// length): it is set for each sending.
//
// Each answer is looked through: so many entries, the text in them, and a result of success. One line of JSON is
// printed: how many searches were answered, how many of them not so, how many entries and bytes came, microseconds at
// the median, the 90th and 99th percentile, the mean and the largest, the rate, and how much of a core this program
// used.

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
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_ID 0x01000000u
#define ID_PLACE 8
#define MOST_OUTSTANDING 256

static void fail(const char *what) {
    fprintf(stderr, "ldapload: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static void *grown(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (!memory) fail("memory");
    return memory;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static double cpu(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
        (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

// ---- requests

typedef struct {
    const uint8_t *text, *message;
    uint32_t entries, textLength, length;
} Request;

static Request *requests;
static size_t requestCount;

static void readRequests(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) fail(path);
    size_t size = (size_t)ftell(file), place = 0;
    rewind(file);
    uint8_t *bytes = grown(NULL, size);
    if (fread(bytes, 1, size, file) != size) fail(path);
    fclose(file);
    while (place + 12 <= size) {
        Request request;
        memcpy(&request.entries, bytes + place, 4);
        memcpy(&request.textLength, bytes + place + 4, 4);
        memcpy(&request.length, bytes + place + 8, 4);
        request.text = bytes + place + 12;
        request.message = request.text + request.textLength;
        place += 12 + (size_t)request.textLength + request.length;
        if (place > size || request.length < ID_PLACE + 4) fail("a request that is cut off");
        requests = grown(requests, (requestCount + 1) * sizeof *requests);
        requests[requestCount++] = request;
    }
    if (requestCount < 2) fail("a file without a search");
}

// ---- connections

typedef struct {
    const Request *request;
    uint64_t sent;
    uint32_t entries;
    int holdsText, isOut;
} Slot;

typedef struct {
    int socket;
    uint8_t *buffer;
    size_t used, room, next;
    Slot *slots;
} Connection;

static struct {
    uint64_t answered, failed, entries, bytes;
    uint32_t *times;
    size_t room;
} told;

static void record(uint64_t nanoseconds) {
    if (told.answered >= told.room) {
        told.room = told.room ? told.room * 2 : 1 << 20;
        told.times = grown(told.times, told.room * sizeof *told.times);
    }
    told.times[told.answered++] = nanoseconds > UINT32_MAX ? UINT32_MAX : (uint32_t)nanoseconds;
}

static Connection connected(int port, size_t room, int outstanding) {
    Connection connection = {.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .room = room};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    if (connection.socket < 0 || connect(connection.socket, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connection.buffer = grown(NULL, room);
    connection.slots = calloc((size_t)outstanding, sizeof(Slot));
    if (!connection.slots) fail("memory");
    return connection;
}

static void sendAll(const Connection *connection, const uint8_t *bytes, size_t length) {
    for (size_t sent = 0; sent < length;) {
        // The sockets block: searches are short, and no server leaves them unread that answers.
        ssize_t count = send(connection->socket, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail("send");
        sent += (size_t)count;
    }
}

static size_t put(uint8_t *to, const Request *request, uint32_t id) {
    memcpy(to, request->message, request->length);
    id = htonl(id);
    memcpy(to + ID_PLACE, &id, 4);
    return request->length;
}

// Sends a new search for each slot that has none out, all in one write.
static void ask(Connection *connection, int outstanding) {
    static uint8_t out[1 << 18];
    size_t length = 0;
    uint64_t time = now();
    for (int index = 0; index < outstanding; index++) {
        Slot *slot = &connection->slots[index];
        if (slot->isOut) continue;
        const Request *request = &requests[1 + connection->next++ % (requestCount - 1)];
        if (length + request->length > sizeof out) fail("a search that is too long");
        *slot = (Slot){.request = request, .sent = time, .isOut = 1, .holdsText = request->textLength == 0};
        length += put(out + length, request, FIRST_ID + (uint32_t)index);
    }
    if (length) sendAll(connection, out, length);
}

// ---- answers

// The length of a value whose tag is at `bytes`: its content's start, or NULL where it is not there yet.
static const uint8_t *content(const uint8_t *bytes, const uint8_t *end, size_t *length) {
    if (end - bytes < 2) return NULL;
    size_t count = bytes[1];
    bytes += 2;
    if (count < 0x80) {
        *length = count;
        return bytes;
    }
    count &= 0x7F;
    if (count == 0 || count > 4) fail("a length that is none of LDAP's");
    if ((size_t)(end - bytes) < count) return NULL;
    for (*length = 0; count; count--) *length = *length << 8 | *bytes++;
    return bytes;
}

static void show(const char *what, const uint8_t *bytes, size_t length) {
    static int shown;
    if (shown++) return;
    fprintf(stderr, "ldapload: %s:", what);
    for (size_t index = 0; index < length && index < 200; index++)
        fprintf(stderr, bytes[index] >= ' ' && bytes[index] < 127 ? "%c" : " %02x ", bytes[index]);
    fputc('\n', stderr);
}

// Takes one message; returns 1 where it ends a search or a bind.
static int take(Connection *connection, const uint8_t *bytes, size_t length, int outstanding) {
    const uint8_t *end = bytes + length;
    size_t size = 0;
    const uint8_t *value = content(bytes, end, &size);
    if (!value || *bytes != 0x02 || size > 4 || (size_t)(end - value) < size) fail("an answer without an identifier");
    uint32_t id = 0;
    for (; size; size--) id = id << 8 | *value++;
    const uint8_t *operation = value;
    value = content(operation, end, &size);
    if (!value) fail("an answer without an operation");
    if (id < FIRST_ID || id >= FIRST_ID + (uint32_t)outstanding || !connection->slots[id - FIRST_ID].isOut) {
        show("not asked for", bytes, length);
        fail("an answer to nothing that is out");
    }
    Slot *slot = &connection->slots[id - FIRST_ID];
    switch (*operation) {
    case 0x64:
        slot->entries++;
        if (!slot->holdsText && memmem(value, (size_t)(end - value), slot->request->text, slot->request->textLength))
            slot->holdsText = 1;
        return 0;
    case 0x61:
    case 0x65: {
        int isGood = size >= 3 && value[0] == 0x0A && value[1] == 1 && value[2] == 0 &&
            slot->entries == slot->request->entries && (slot->holdsText || *operation == 0x61);
        if (!isGood) show("not what belongs to it", bytes, length);
        record(now() - slot->sent);
        told.failed += !isGood;
        told.entries += slot->entries;
        slot->isOut = 0;
        return 1;
    }
    default: show("no answer to a search", bytes, length); fail("an answer of another kind");
    }
    return 0;
}

// Reads what has come and takes the messages that are whole; returns how many searches they end.
static int receive(Connection *connection, int outstanding) {
    if (connection->used == connection->room)
        connection->buffer = grown(connection->buffer, connection->room *= 2);
    ssize_t count = recv(connection->socket, connection->buffer + connection->used,
        connection->room - connection->used, 0);
    if (count < 0 && errno == EINTR) return 0;
    if (count <= 0) { if (!count) errno = 0; fail("the server closed the connection"); }
    connection->used += (size_t)count;
    told.bytes += (uint64_t)count;
    int ended = 0;
    const uint8_t *place = connection->buffer, *end = place + connection->used;
    while (place < end) {
        size_t length;
        if (*place != 0x30) fail("what came is no LDAP");
        const uint8_t *message = content(place, end, &length);
        if (!message || (size_t)(end - message) < length) break;
        ended += take(connection, message, length, outstanding);
        place = message + length;
    }
    connection->used = (size_t)(end - place);
    memmove(connection->buffer, place, connection->used);
    return ended;
}

static void bindTo(Connection *connection) {
    uint8_t bytes[4096];
    if (requests[0].length > sizeof bytes) fail("a bind that is too long");
    connection->slots[0] = (Slot){.request = &requests[0], .isOut = 1, .holdsText = 1};
    sendAll(connection, bytes, put(bytes, &requests[0], FIRST_ID));
    while (!receive(connection, 1)) {}
    if (told.failed) fail("the bind was refused");
}

// ---- the two ways

static int inOrder(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static double percentile(double share) {
    return (double)told.times[(size_t)((double)(told.answered - 1) * share)] / 1000;
}

static void look(int port, int count, int outstanding, double seconds) {
    Connection *connections = grown(NULL, (size_t)count * sizeof *connections);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (int index = 0; index < count; index++) {
        connections[index] = connected(port, 1 << 16, outstanding);
        connections[index].next = (requestCount - 1) * (size_t)index / (size_t)count;
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        bindTo(&connections[index]);
        if (epoll_ctl(poll, EPOLL_CTL_ADD, connections[index].socket, &event) != 0) fail("epoll");
    }
    told.answered = told.failed = told.entries = told.bytes = 0;
    double used = cpu();
    uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9), time = start;
    long out = (long)count * outstanding;
    for (int index = 0; index < count; index++) ask(&connections[index], outstanding);
    while (out) {
        struct epoll_event events[64];
        int ready = epoll_wait(poll, events, 64, 20000);
        if (ready < 0 && errno != EINTR) fail("epoll");
        if (ready == 0) { errno = 0; fail("nothing came for 20 s"); }
        time = now();
        for (int index = 0; index < ready; index++) {
            Connection *connection = &connections[events[index].data.u32];
            int ended = receive(connection, outstanding);
            out -= ended;
            if (!ended || time >= end) continue;
            out += ended;
            ask(connection, outstanding);
        }
    }
    double taken = (double)(now() - start) / 1e9;
    used = cpu() - used;
    qsort(told.times, told.answered, sizeof *told.times, inOrder);
    double sum = 0;
    for (uint64_t index = 0; index < told.answered; index++) sum += (double)told.times[index] / 1000;
    printf("{\"count\":%llu,\"failed\":%llu,\"entries\":%llu,\"bytes\":%llu,\"median\":%.2f,\"p90\":%.2f,\"p99\":%.2f,"
        "\"mean\":%.2f,\"max\":%.2f,\"rate\":%.1f,\"client_cpu\":%.3f}\n",
        (unsigned long long)told.answered, (unsigned long long)told.failed, (unsigned long long)told.entries,
        (unsigned long long)told.bytes, percentile(0.5), percentile(0.9), percentile(0.99),
        sum / (double)told.answered, percentile(1), (double)told.answered / taken, used / taken);
}

static void beIdle(int port, int count) {
    // One after the other, and all kept open.
    for (int index = 0; index < count; index++) {
        Connection connection = connected(port, 512, 1);
        bindTo(&connection);
        free(connection.buffer);
        free(connection.slots);
    }
    printf("{\"connections\":%d}\n", count);
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {}
}

int main(int count, char **arguments) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    errno = 0;
    if (count == 7 && !strcmp(arguments[1], "look")) {
        int connections = atoi(arguments[3]), outstanding = atoi(arguments[4]);
        if (connections < 1 || outstanding < 1 || outstanding > MOST_OUTSTANDING) fail("how many are to be out?");
        readRequests(arguments[6]);
        look(atoi(arguments[2]), connections, outstanding, atof(arguments[5]));
        return 0;
    }
    if (count == 5 && !strcmp(arguments[1], "idle")) {
        readRequests(arguments[4]);
        beIdle(atoi(arguments[2]), atoi(arguments[3]));
        return 0;
    }
    fprintf(stderr, "usage: ldapload look PORT CONNECTIONS OUTSTANDING SECONDS FILE\n"
        "       ldapload idle PORT CONNECTIONS FILE\n");
    return 2;
}
