// Asks a server for streams on many connections, in one thread, and counts and times every event it gets.
//
//     load PORT PIDS TARGET MODE CONNECTIONS EVENTS GAP_US FIRST_US RAMP_MS WARM_MS WINDOW_MS
//
// PIDS: the server's processes, by commas; their CPU time over the window is told. MODE: flat (counts only), paced (takes
// how late each event is: event n is due FIRST + n gaps after the request) or stamped (takes the age of each chunk that
// holds the time of its sending). RAMP: how long opening the connections takes; WARM: when the window begins. A
// connection asks again as soon as its stream is over. Prints one line of JSON.
#include "common.h"

#include <dirent.h>

#define HEAD_SIZE 8192
#define READ_SIZE (1 << 18)
#define MOST_TIMES 20000000
#define CONNECT_AGAIN_US 1000

enum mode { FLAT, PACED, STAMPED };

// Where a connection is in its answer.
enum state { CONNECTING, IN_HEAD, IN_SIZE, IN_CHUNK, AFTER_CHUNK, IN_TRAILER, UNTIL_LENGTH, UNTIL_CLOSE };

struct connection {
    int socket;
    enum state state;
    int64_t asked_ns;
    long events;
    size_t line;     // bytes of the line of the stream that is being read
    bool in_event;   // whether its block has any line yet
    size_t left;     // of the chunk, or of the body
    size_t trailer;  // bytes of the trailer's line
    bool closes;     // whether the server closes after this answer
    size_t head_size;
    char head[HEAD_SIZE];
};

static struct {
    const char *pids;
    enum mode mode;
    int port, connections;
    long events;
    int64_t gap_ns, first_ns, ramp_ns, warm_ns, window_ns;
} demand;

static char request[2048];
static int request_size;
static int epoll;
static bool measuring;
static long streams, broken, failed, events;
static int32_t *times;
static size_t taken;

static void take_time(int64_t ns) {
    if (!measuring || taken == MOST_TIMES) return;
    times[taken++] = ns > INT32_MAX ? INT32_MAX : ns < INT32_MIN ? INT32_MIN : (int32_t)ns;
}

static void dial(struct connection *each) {
    each->socket = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    each->state = CONNECTING;
    without_delay(each->socket);
    struct sockaddr_in where = loopback(demand.port);
    connect(each->socket, (struct sockaddr *)&where, sizeof where);
    watch(epoll, each->socket, EPOLLOUT, each, EPOLL_CTL_ADD);
}

static void dial_again(struct connection *each) {
    close(each->socket);
    dial(each);
}

static void fail(struct connection *each) {
    failed++;
    dial_again(each);
}

static void ask(struct connection *each) {
    each->state = IN_HEAD;
    each->head_size = each->line = 0;
    each->events = 0;
    each->in_event = false;
    each->asked_ns = now_ns();
    if (send(each->socket, request, request_size, MSG_NOSIGNAL) != request_size) fail(each);
}

static void connected(struct connection *each) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(each->socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        usleep(CONNECT_AGAIN_US);
        fail(each);
        return;
    }
    watch(epoll, each->socket, EPOLLIN, each, EPOLL_CTL_MOD);
    ask(each);
}

static void finish(struct connection *each) {
    if (measuring) {
        streams++;
        broken += each->events != demand.events;
    }
    if (each->closes)
        dial_again(each);
    else
        ask(each);
}

static void got_event(struct connection *each, int64_t at_ns) {
    if (measuring) events++;
    if (demand.mode == PACED) take_time(at_ns - each->asked_ns - demand.first_ns - each->events * demand.gap_ns);
    each->events++;
}

static void look_for_stamps(const char *data, const char *end, int64_t at_ns) {
    static const char mark[] = "\"ts\":";
    while ((data = memmem(data, end - data, mark, sizeof mark - 1)) != NULL) {
        data += sizeof mark - 1;
        if (end - data >= 20) take_time(at_ns - strtoll(data, NULL, 10));
    }
}

// An event ends in a blank line, whichever line ends its server writes, and wherever the reads were cut.
static void read_stream(struct connection *each, const char *data, size_t size, int64_t at_ns) {
    const char *end = data + size;
    if (demand.mode == STAMPED) look_for_stamps(data, end, at_ns);
    while (data < end) {
        const char *feed = memchr(data, '\n', end - data);
        if (feed == NULL) {
            each->line += end - data - (end[-1] == '\r');
            return;
        }
        each->line += feed - data - (feed > data && feed[-1] == '\r');
        if (each->line) {
            each->in_event = true;
        } else if (each->in_event) {
            each->in_event = false;
            got_event(each, at_ns);
        }
        each->line = 0;
        data = feed + 1;
    }
}

static const char *field(const char *head, const char *name) {
    const char *found = strcasestr(head, name);
    return found == NULL ? NULL : found + strlen(name);
}

// Return how many bytes belonged to the head; -1 if it is no good answer.
static ssize_t read_head(struct connection *each, const char *data, size_t size) {
    size_t before = each->head_size, room = HEAD_SIZE - 1 - before;
    size_t more = size < room ? size : room;
    memcpy(each->head + before, data, more);
    each->head_size += more;
    each->head[each->head_size] = 0;
    char *blank = strstr(each->head, "\r\n\r\n");
    if (blank == NULL) return more == room ? -1 : (ssize_t)more;
    blank[2] = 0;
    if (strncmp(each->head, "HTTP/1.1 200", 12) != 0) return -1;
    const char *length = field(each->head, "\r\ncontent-length:");
    each->closes = field(each->head, "\r\nconnection: close\r\n") != NULL;
    each->left = length == NULL ? 0 : strtoul(length, NULL, 10);
    each->state = field(each->head, "\r\ntransfer-encoding: chunked\r\n") ? IN_SIZE : length ? UNTIL_LENGTH : UNTIL_CLOSE;
    return blank + 4 - each->head - before;
}

static int digit(char character) {
    return character <= '9' ? character - '0' : (character | 32) - 'a' + 10;
}

static void read_size(struct connection *each, char character) {
    if (character == '\n') {
        each->state = each->left ? IN_CHUNK : IN_TRAILER;
        each->trailer = 0;
    } else if (character != '\r') {
        each->left = 16 * each->left + digit(character);
    }
}

// Return true when the last line of the answer has been read.
static bool read_trailer(struct connection *each, char character) {
    if (character != '\n') {
        each->trailer += character != '\r';
        return false;
    }
    if (each->trailer == 0) return true;
    each->trailer = 0;
    return false;
}

// Take what was read; false if the answer is over or no good, and the connection has something else to do.
static bool digest(struct connection *each, const char *data, size_t size, int64_t at_ns) {
    const char *end = data + size;
    while (data < end) {
        size_t part = end - data;
        switch (each->state) {
        case IN_HEAD: {
            ssize_t used = read_head(each, data, part);
            if (used < 0) {
                fail(each);
                return false;
            }
            data += used;
            break;
        }
        case IN_SIZE:
            read_size(each, *data++);
            break;
        case AFTER_CHUNK:
            if (*data++ == '\n') each->state = IN_SIZE;
            break;
        case IN_TRAILER:
            if (!read_trailer(each, *data++)) break;
            finish(each);
            return false;
        case IN_CHUNK:
        case UNTIL_LENGTH:
            if (part > each->left) part = each->left;
            read_stream(each, data, part, at_ns);
            data += part;
            each->left -= part;
            if (each->left) break;
            if (each->state == UNTIL_LENGTH) {
                finish(each);
                return false;
            }
            each->state = AFTER_CHUNK;
            break;
        default:
            read_stream(each, data, part, at_ns);
            return true;
        }
    }
    return true;
}

static void receive(struct connection *each) {
    static char buffer[READ_SIZE];
    for (;;) {
        ssize_t got = recv(each->socket, buffer, sizeof buffer, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            if (got == 0 && each->state == UNTIL_CLOSE) {
                each->closes = true;
                finish(each);
            } else {
                fail(each);
            }
            return;
        }
        if (!digest(each, buffer, got, now_ns()) || got < (ssize_t)sizeof buffer) return;
    }
}

// The CPU time of a process: that of all its threads, to the nanosecond.
static int64_t cpu_ns_of(const char *pid) {
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *threads = opendir(path);
    if (threads == NULL) return 0;
    int64_t total = 0;
    for (struct dirent *thread; (thread = readdir(threads)) != NULL;) {
        if (thread->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", pid, thread->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL) continue;
        long long spent = 0;
        if (fscanf(file, "%lld", &spent) == 1) total += spent;
        fclose(file);
    }
    closedir(threads);
    return total;
}

static int64_t cpu_ns(void) {
    char pids[512];
    snprintf(pids, sizeof pids, "%s", demand.pids);
    int64_t total = 0;
    for (char *pid = strtok(pids, ","); pid != NULL; pid = strtok(NULL, ",")) total += cpu_ns_of(pid);
    return total;
}

static int ascending(const void *left, const void *right) {
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

static void print_times(void) {
    if (taken == 0) return;
    qsort(times, taken, sizeof *times, ascending);
    printf(",\"times\":{\"count\":%zu,\"min_us\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f}", taken,
           times[0] / 1e3, times[taken / 2] / 1e3, times[taken * 99 / 100] / 1e3, times[taken - 1] / 1e3);
}

static void print_request(const char *target) {
    static const char body[] = "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    request_size = snprintf(request, sizeof request,
                            "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n"
                            "Authorization: Bearer sk-test\r\nContent-Type: application/json\r\n"
                            "Accept-Encoding: identity\r\nContent-Length: %zu\r\n\r\n%s",
                            target, demand.port, sizeof body - 1, body);
    if (request_size >= (int)sizeof request) exit(2);
}

static void run(struct connection *all, int64_t *window_ns, int64_t *spent_ns) {
    int64_t begun_ns = now_ns(), from_ns = begun_ns + demand.warm_ns, until_ns = from_ns + demand.window_ns;
    int64_t measured_ns = 0, cpu_before_ns = 0;
    struct epoll_event ready[BATCH];
    for (int opened = 0;;) {
        int64_t at_ns = now_ns();
        if (at_ns >= until_ns) break;
        if (!measuring && at_ns >= from_ns) {
            measuring = true;
            cpu_before_ns = cpu_ns();
            measured_ns = now_ns();
        }
        int64_t wake_ns = measuring ? until_ns : from_ns;
        for (; opened < demand.connections; opened++) {
            int64_t due_ns = begun_ns + demand.ramp_ns * opened / demand.connections;
            if (due_ns > at_ns) {
                if (due_ns < wake_ns) wake_ns = due_ns;
                break;
            }
            dial(&all[opened]);
        }
        int count = wait_until(epoll, ready, wake_ns);
        for (int nth = 0; nth < count; nth++) {
            struct connection *each = ready[nth].data.ptr;
            if (each->state == CONNECTING)
                connected(each);
            else
                receive(each);
        }
    }
    *window_ns = now_ns() - measured_ns;
    *spent_ns = cpu_ns() - cpu_before_ns;
}

int main(int count, char **arguments) {
    if (count != 12) {
        fprintf(stderr, "usage: load PORT PIDS TARGET MODE CONNECTIONS EVENTS GAP_US FIRST_US RAMP_MS WARM_MS WINDOW_MS\n");
        return 2;
    }
    demand.port = atoi(arguments[1]);
    demand.pids = arguments[2];
    demand.mode = strcmp(arguments[4], "paced") == 0 ? PACED : strcmp(arguments[4], "stamped") == 0 ? STAMPED : FLAT;
    demand.connections = atoi(arguments[5]);
    demand.events = atol(arguments[6]);
    demand.gap_ns = atoll(arguments[7]) * 1000;
    demand.first_ns = atoll(arguments[8]) * 1000;
    demand.ramp_ns = atoll(arguments[9]) * 1000000;
    demand.warm_ns = atoll(arguments[10]) * 1000000;
    demand.window_ns = atoll(arguments[11]) * 1000000;
    prctl(PR_SET_TIMERSLACK, 1);
    print_request(arguments[3]);
    epoll = checked(epoll_create1(0), "epoll_create1");
    times = malloc(MOST_TIMES * sizeof *times);
    struct connection *all = fresh(demand.connections, sizeof *all);
    int64_t window_ns, spent_ns;
    run(all, &window_ns, &spent_ns);
    printf("{\"window_s\":%.6f,\"streams\":%ld,\"broken\":%ld,\"failed\":%ld,\"events\":%ld,\"server_cpu_s\":%.9f",
           window_ns / 1e9, streams, broken, failed, events, spent_ns / 1e9);
    print_times();
    printf("}\n");
    return 0;
}
