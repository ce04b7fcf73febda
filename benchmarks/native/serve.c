// The least that answering with a stream costs on this machine: one thread, epoll, a heap of absolute deadlines.
//
//     serve PORT GAP_MS FILE    FILE holds the events; each is sent as an HTTP chunk of its own
//
// /once: all in one write. /burst: at once, a write a chunk. /stamp: paced, each chunk with the time of its sending.
// Any other path: paced, event n due n gaps after the request.
#include "common.h"

#define MOST_CHUNKS 100000
#define REQUEST_SIZE 8192

static const char HEAD[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char TAIL[] = "0\r\n\r\n";

enum mode { IDLE, ONCE, BURST, PACED, STAMPED };

struct piece {
    const char *data;
    size_t size;
};

struct client {
    int socket;
    enum mode mode;
    int next;         // the piece that is to be sent: head, chunks, tail
    size_t sent;      // of that piece
    int64_t asked_ns, due_ns;
    int place;        // in the heap; -1 if it is not there
    int got;          // bytes of the request
    char request[REQUEST_SIZE];
};

static struct piece pieces[MOST_CHUNKS + 2];
static int chunks;
static struct piece whole;
static int64_t gap_ns;
static int epoll;

// A binary heap: whose deadline is the earliest is in place 0.

static struct client **heap;
static int waiting, room;

static void put(struct client *client, int place) {
    heap[place] = client;
    client->place = place;
}

static void settle(struct client *client, int place) {
    while (place > 0 && heap[(place - 1) / 2]->due_ns > client->due_ns) {
        put(heap[(place - 1) / 2], place);
        place = (place - 1) / 2;
    }
    for (;;) {
        int child = 2 * place + 1;
        if (child + 1 < waiting && heap[child + 1]->due_ns < heap[child]->due_ns) child++;
        if (child >= waiting || heap[child]->due_ns >= client->due_ns) break;
        put(heap[child], place);
        place = child;
    }
    put(client, place);
}

static void enter(struct client *client) {
    if (waiting == room) {
        room = room ? 2 * room : 1024;
        heap = realloc(heap, room * sizeof *heap);
        if (heap == NULL) exit(1);
    }
    settle(client, waiting++);
}

static void leave(struct client *client) {
    if (client->place < 0) return;
    struct client *last = heap[--waiting];
    if (last != client) settle(last, client->place);
    client->place = -1;
}

static void drop(struct client *client) {
    leave(client);
    close(client->socket);
    free(client);
}

// Send what is left of a piece; false if the client has to read first.
static bool flush(struct client *client, struct piece piece) {
    while (client->sent < piece.size) {
        ssize_t sent = send(client->socket, piece.data + client->sent, piece.size - client->sent, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EAGAIN) watch(epoll, client->socket, EPOLLIN | EPOLLOUT, client, EPOLL_CTL_MOD);
            return false;
        }
        client->sent += sent;
    }
    client->sent = 0;
    return true;
}

static void send_all(struct client *client) {
    if (client->mode == ONCE) {
        if (!flush(client, whole)) return;
    } else {
        for (; client->next < chunks + 2; client->next++)
            if (!flush(client, pieces[client->next])) return;
    }
    client->mode = IDLE;
}

static void send_stamped(struct client *client) {
    char body[256], chunk[300];
    int size = snprintf(body, sizeof body, "data: {\"ts\":%lld,\"pad\":\"%0150d\"}\n\n", (long long)now_ns(), client->next);
    int length = snprintf(chunk, sizeof chunk, "%x\r\n%s\r\n", size, body);
    send(client->socket, chunk, length, MSG_NOSIGNAL);
}

// A paced chunk is small and its client reads: what the kernel does not take is lost, and the stream counts as broken.
static void send_next(struct client *client) {
    if (client->next == 0) send(client->socket, pieces[client->next++].data, sizeof HEAD - 1, MSG_NOSIGNAL);
    struct piece piece = pieces[client->next];
    if (client->mode == STAMPED)
        send_stamped(client);
    else
        send(client->socket, piece.data, piece.size, MSG_NOSIGNAL);
    if (client->next++ == chunks) {
        send(client->socket, TAIL, sizeof TAIL - 1, MSG_NOSIGNAL);
        client->mode = IDLE;
        leave(client);
        return;
    }
    client->due_ns = client->asked_ns + (client->next - 1) * gap_ns;
    settle(client, client->place);
}

static void answer(struct client *client) {
    const char *target = strchr(client->request, ' ');
    target = target == NULL ? "" : target + 1;
    client->got = client->next = 0;
    client->mode = strncmp(target, "/once", 5) == 0    ? ONCE
                   : strncmp(target, "/burst", 6) == 0 ? BURST
                   : strncmp(target, "/stamp", 6) == 0 ? STAMPED
                                                       : PACED;
    if (client->mode == ONCE || client->mode == BURST) {
        send_all(client);
        return;
    }
    client->asked_ns = client->due_ns = now_ns();
    enter(client);
}

static void receive(struct client *client) {
    ssize_t got = recv(client->socket, client->request + client->got, REQUEST_SIZE - 1 - client->got, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        drop(client);
        return;
    }
    client->got += got;
    client->request[client->got] = 0;
    const char *blank = strstr(client->request, "\r\n\r\n");
    if (blank == NULL) return;
    const char *length = strcasestr(client->request, "content-length:");
    int body = length != NULL && length < blank ? atoi(length + sizeof "content-length:" - 1) : 0;
    if (client->request + client->got - (blank + 4) >= body) answer(client);
}

static void take(int listener) {
    int socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        without_delay(socket);
        struct client *client = fresh(1, sizeof *client);
        client->socket = socket;
        client->place = -1;
        watch(epoll, socket, EPOLLIN, client, EPOLL_CTL_ADD);
    }
}

// Cut the file into events, and lay each out as an HTTP chunk.
static void read_events(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    static char events[1 << 24];
    size_t size = fread(events, 1, sizeof events, file);
    fclose(file);
    char *laid = fresh(2 * size + 4096, 1);
    char *end = stpcpy(laid, HEAD);
    pieces[0] = (struct piece){laid, end - laid};
    for (char *event = events; event < events + size && chunks < MOST_CHUNKS;) {
        char *blank = memmem(event, events + size - event, "\n\n", 2);
        if (blank == NULL) break;
        int length = (int)(blank + 2 - event);
        char *chunk = end;
        end += sprintf(end, "%x\r\n%.*s\r\n", length, length, event);
        pieces[++chunks] = (struct piece){chunk, end - chunk};
        event += length;
    }
    pieces[chunks + 1] = (struct piece){end, sizeof TAIL - 1};
    end = stpcpy(end, TAIL);
    whole = (struct piece){laid, end - laid};
}

static int listen_on(int port) {
    int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket"), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in where = loopback(port);
    checked(bind(listener, (struct sockaddr *)&where, sizeof where), "bind");
    checked(listen(listener, 4096), "listen");
    return listener;
}

static void look_at(struct client *client, uint32_t events) {
    if (events & EPOLLOUT) {
        watch(epoll, client->socket, EPOLLIN, client, EPOLL_CTL_MOD);
        send_all(client);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(client);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: serve PORT GAP_MS FILE\n");
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1);
    gap_ns = atoll(arguments[2]) * 1000000;
    read_events(arguments[3]);
    int listener = listen_on(atoi(arguments[1]));
    epoll = checked(epoll_create1(0), "epoll_create1");
    watch(epoll, listener, EPOLLIN, NULL, EPOLL_CTL_ADD);
    struct epoll_event ready[BATCH];
    for (;;) {
        int events = wait_until(epoll, ready, waiting ? heap[0]->due_ns : -1);
        for (int nth = 0; nth < events; nth++) {
            if (ready[nth].data.ptr == NULL)
                take(listener);
            else
                look_at(ready[nth].data.ptr, ready[nth].events);
        }
        int64_t at_ns = now_ns();
        while (waiting && heap[0]->due_ns <= at_ns) send_next(heap[0]);
    }
}
