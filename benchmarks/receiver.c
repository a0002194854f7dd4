/*
 * An endpoint that is never what the others wait for: one thread, epoll, a few microseconds a
 * request. It speaks as `benchmarks/receiver.py` does, which says how.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    int socket;
    char *in;
    size_t length, room;
} connection;

typedef struct {
    uint64_t at;
    unsigned long webhook, event;
} arrival;

static int epoll;
static arrival *arrivals;
static size_t count, room, answered;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time); /* Python's time.monotonic_ns() reads the same. */
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void watch(int socket, void *data) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

static int send_all(int socket, const char *data, size_t length) {
    while (length) {
        ssize_t sent = send(socket, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){.fd = socket, .events = POLLOUT}, 1, -1);
            continue;
        }
        if (sent < 0) return -1;
        data += sent, length -= sent;
    }
    return 0;
}

static int answer(int socket, const char *body, size_t length) {
    char head[128];
    int size = sprintf(head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", length);
    return send_all(socket, head, size) || (length && send_all(socket, body, length)) ? -1 : 0;
}

static int answer_question(int socket, const char *path) {
    char number[32];
    if (!strncmp(path, "/arrivals", 9)) {
        char *text = malloc(count * 64 + 1);
        size_t length = 0;
        for (size_t i = 0; i < count; i++)
            length += sprintf(text + length, "%llu %lu %lu\n", (unsigned long long)arrivals[i].at,
                              arrivals[i].webhook, arrivals[i].event);
        int failed = answer(socket, text, length);
        free(text);
        return failed;
    }
    if (!strncmp(path, "/reset", 6)) count = answered = 0;
    return answer(socket, number, sprintf(number, "%zu", answered));
}

static void note(const char *path, const char *path_end, const char *body, size_t length) {
    const char *number = path_end, *event = memmem(body, length, "no.", 3);
    while (number > path && number[-1] >= '0' && number[-1] <= '9') number--;
    if (count == room) arrivals = realloc(arrivals, (room = room ? room * 2 : 65536) * sizeof *arrivals);
    arrivals[count++] = (arrival){now(), strtoul(number, NULL, 10), event ? strtoul(event + 3, NULL, 10) : 0};
}

/* Returns 1 if there was a whole request, 0 if more must be read, -1 if the connection is over. */
static int handle(connection *c) {
    char *end = memmem(c->in, c->length, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    size_t head = end - c->in + 4;
    char *length = strcasestr(c->in, "\ncontent-length:");
    size_t total = head + (length ? strtoul(length + 16, NULL, 10) : 0);
    *end = '\r';
    if (c->length < total) return 0;
    char *path = memchr(c->in, ' ', head), *path_end = path ? strchr(path + 1, ' ') : NULL;
    if (!path_end || path_end > end) return -1;
    path++;
    int failed = 0;
    if (!strncmp(c->in, "GET ", 4)) {
        failed = answer_question(c->socket, path);
    } else {
        note(path, path_end, c->in + head, total - head);
        if (strncmp(path, "/hang/", 6)) {
            answered++;
            failed = answer(c->socket, NULL, 0);
        }
    }
    memmove(c->in, c->in + total, c->length -= total);
    return failed ? -1 : 1;
}

static void take(int listener) {
    int one = 1, socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        /* A keep-alive answer held back by Nagle's algorithm costs its sender 40 ms. */
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connection *c = calloc(1, sizeof *c);
        c->socket = socket;
        watch(socket, c);
    }
}

static void read_from(connection *c) {
    if (c->room - c->length < 4096) c->in = realloc(c->in, (c->room = c->room * 2 + 8192) + 1);
    ssize_t got = recv(c->socket, c->in + c->length, c->room - c->length, 0);
    if (got < 0 && errno == EAGAIN) return;
    int state = got > 0 ? 1 : -1;
    if (got > 0) c->length += got;
    while (state == 1) {
        c->in[c->length] = 0;
        state = handle(c);
    }
    if (state < 0) {
        close(c->socket);
        free(c->in);
        free(c);
    }
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (void *)&address, size) || listen(listener, 4096)) return 1;
    getsockname(listener, (void *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    epoll = epoll_create1(0);
    watch(listener, &listener);
    watch(STDIN_FILENO, NULL);
    for (;;) {
        struct epoll_event events[256];
        int found = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < found; i++) {
            if (!events[i].data.ptr) return 0; /* Whoever started it is done, or gone. */
            if (events[i].data.ptr == &listener) take(listener);
            else read_from(events[i].data.ptr);
        }
    }
}
