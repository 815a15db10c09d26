// Streams the events of a Dify workflow at a set pace to hundreds of clients; it models nothing.
//
// Prints `READY http://127.0.0.1:PORT`, and ends with its standard input. Any path answers; its query says
//   n=100     events of a stream: the first is workflow_started, the last workflow_finished
//   us=20000  from one event to the next, in microseconds
// The first event has the time it was sent as workflow_run_id, in ns of CLOCK_MONOTONIC, each text has its own: a client on
// the same machine knows how wrong its times are. The time is taken before send(), so the error includes that call.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 4096, ROOM = 4096 };
#define TASK "9b2d4c6e-1f3a-4b5c-8d7e-0a1b2c3d4e5f"

typedef struct {
    int fd, streams, sent, events, length;
    long long pause, due, run;
    char request[ROOM];
} Client;

static Client *clients[MOST]; // by descriptor
static int top, poller;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void leave(Client *c) {
    close(c->fd);
    clients[c->fd] = 0;
    free(c);
}

static int sends(Client *c, const char *bytes, int length) { // a client that does not read is broken off
    return send(c->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) == length;
}

static int event(Client *c, char *out) {
    const char *begin = "data: {\"event\":\"%s\",\"workflow_run_id\":\"%020lld\",\"task_id\":\"" TASK "\",\"data\":{%s}}\n\n";
    char data[256];
    long long at = now();
    if (c->sent == 0) c->run = at;
    if (c->sent == 0) return sprintf(out, begin, "workflow_started", at, "\"inputs\":{\"question\":\"hi\"}");
    if (c->sent == c->events - 1)
        return sprintf(out, begin, "workflow_finished", c->run, "\"status\":\"succeeded\",\"outputs\":{},\"elapsed_time\":1.5");
    sprintf(data, "\"text\":\"%lld \",\"from_variable_selector\":[\"1719357159255\",\"text\"]", at);
    return sprintf(out, begin, "text_chunk", c->run, data);
}

static void send_next(Client *c) {
    char body[1024], framed[1100];
    int last = c->sent == c->events - 1, length = event(c, body);
    int whole = sprintf(framed, "%x\r\n%s\r\n%s", length, body, last ? "0\r\n\r\n" : "");
    c->sent++;
    c->due += c->pause;
    c->streams = !last;
    if (!sends(c, framed, whole)) leave(c);
}

static long long asked(const char *request, const char *name, long long otherwise) {
    const char *found = strstr(request, name);
    return found ? atoll(found + strlen(name)) : otherwise;
}

static void begin(Client *c) {
    const char *head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
    c->events = asked(c->request, "n=", 100);
    c->pause = asked(c->request, "us=", 20000) * 1000;
    c->sent = 0;
    c->length = 0;
    c->streams = 1;
    c->due = now() + (c->pause ? random() % c->pause : 0);
    if (!sends(c, head, strlen(head))) leave(c);
}

static void readable(Client *c) {
    ssize_t got = recv(c->fd, c->request + c->length, ROOM - 1 - c->length, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return leave(c);
    c->length += got;
    c->request[c->length] = 0;
    char *end = strstr(c->request, "\r\n\r\n"), *told = strcasestr(c->request, "content-length:");
    long body = told ? atol(told + 15) : 0;
    if (end && c->length >= end + 4 - c->request + body) begin(c);
}

static void accepted(int listener) {
    int one = 1, fd = accept(listener, 0, 0);
    if (fd < 0) return;
    if (fd >= MOST) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    clients[fd] = calloc(1, sizeof(Client));
    clients[fd]->fd = fd;
    top = fd > top ? fd : top;
    struct epoll_event watched = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &watched);
}

static long long send_due(void) { // the next due time, or 0
    long long next = 0;
    for (int fd = 0; fd <= top; fd++) {
        Client *c = clients[fd];
        if (c && c->streams && c->due <= now()) send_next(c);
        c = clients[fd];
        if (c && c->streams && (!next || c->due < next)) next = c->due;
    }
    return next;
}

static void wait_until(long long next, struct epoll_event *happened, int listener) {
    long long left = next ? next - now() : 1000000000LL;
    struct timespec patience = {left > 0 ? left / 1000000000LL : 0, left > 0 ? left % 1000000000LL : 0};
    int count = epoll_pwait2(poller, happened, 256, &patience, 0);
    for (int i = 0; i < count; i++) {
        int fd = happened[i].data.fd;
        if (fd == 0) exit(0); // nobody holds our input: whoever started us has gone
        if (fd == listener) accepted(listener);
        else if (clients[fd]) readable(clients[fd]);
    }
}

int main(void) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    struct epoll_event happened[256];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (void *)&place, size) || listen(listener, MOST) || getsockname(listener, (void *)&place, &size)) {
        perror("bind");
        return 1;
    }
    poller = epoll_create1(0);
    for (int i = 0; i < 2; i++) {
        struct epoll_event watched = {.events = EPOLLIN | EPOLLHUP, .data.fd = i ? listener : 0};
        epoll_ctl(poller, EPOLL_CTL_ADD, watched.data.fd, &watched);
    }
    printf("READY http://127.0.0.1:%d\n", ntohs(place.sin_port));
    fflush(stdout);
    for (;;) wait_until(send_due(), happened, listener);
}
