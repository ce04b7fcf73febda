// What both programs need: the monotonic clock, a socket that does not wait, and a way out.
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCH 512
#define SECOND 1000000000LL

static int64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * SECOND + at.tv_nsec;
}

static void *fresh(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) {
        perror("calloc");
        exit(1);
    }
    return memory;
}

static int checked(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

// Writes go out at once: an event must not wait for the acknowledgement of the one before.
static void without_delay(int socket) {
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void watch(int epoll, int socket, uint32_t events, void *whose, int how) {
    struct epoll_event told = {.events = events, .data.ptr = whose};
    checked(epoll_ctl(epoll, how, socket, &told), "epoll_ctl");
}

// Like epoll_wait, to the nanosecond; a negative deadline waits for ever.
static int wait_until(int epoll, struct epoll_event *ready, int64_t deadline_ns) {
    struct timespec left, *limit = NULL;
    if (deadline_ns >= 0) {
        int64_t ns = deadline_ns - now_ns();
        if (ns < 0) ns = 0;
        left = (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
        limit = &left;
    }
    int count = (int)syscall(SYS_epoll_pwait2, epoll, ready, BATCH, limit, NULL, 0);
    return count < 0 && errno == EINTR ? 0 : checked(count, "epoll_pwait2");
}

#endif
