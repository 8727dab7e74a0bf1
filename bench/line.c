/*
 * line NEAR FAR BITS DELAY LOSS SEED: a line between the TUN devices named "line" of two network
 * namespaces, packet by packet, until killed. Says "up" when it carries packets.
 *
 * NEAR and FAR are namespaces (/proc/PID/ns/net), BITS a second go each way, a packet is under
 * way for DELAY microseconds, and LOSS of a million are lost from near to far. As in a router,
 * packets wait in a queue as long as what the line holds (rate times round trip), and what finds
 * it full is dropped. The n-th packet shares its fate with the n-th of every run with that SEED.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
  MTU = 1500,
  SLOTS = 1 << 13, /* more packets than queue and line ever hold */
  AT_ONCE = 16,    /* packets of one way before it is the other's turn */
};

struct packet {
  int64_t at; /* when it comes out, in ns */
  int length;
  char bytes[MTU];
};

struct way {
  int in, out;
  int64_t free_at; /* when its last bit has left the queue, in ns */
  uint64_t loss;   /* of a million */
  unsigned first, count;
  struct packet packets[SLOTS];
};

static int64_t rate, delay; /* bits a second; ns */
static uint64_t state;
static struct way ways[2];

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* splitmix64 */
static uint64_t draw(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static int attach(const char *namespace) {
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  int net = open(namespace, O_RDONLY), tun;
  if (net < 0 || setns(net, CLONE_NEWNET)) err(1, "%s", namespace);
  close(net);
  strcpy(request.ifr_name, "line");
  tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request)) err(1, "/dev/net/tun");
  return tun;
}

static void take(struct way *way) {
  for (int n = 0; n < AT_ONCE; n++) {
    struct packet *packet = &way->packets[(way->first + way->count) % SLOTS];
    packet->length = read(way->in, packet->bytes, MTU);
    if (packet->length <= 0) return;
    int64_t arrived = now();
    if (way->loss && draw() % 1000000 < way->loss) continue;
    if (way->free_at < arrived) way->free_at = arrived;
    if (way->free_at - arrived > 2 * delay || way->count == SLOTS - 1) continue;
    way->free_at += packet->length * 8 * 1000000000LL / rate;
    packet->at = way->free_at + delay;
    way->count++;
  }
}

static void give(struct way *way) {
  while (way->count && way->packets[way->first].at <= now()) {
    struct packet *packet = &way->packets[way->first];
    if (write(way->out, packet->bytes, packet->length) < 0) warn("a packet is lost at the end");
    way->first = (way->first + 1) % SLOTS;
    way->count--;
  }
}

int main(int argc, char **argv) {
  if (argc != 7) errx(2, "usage: line NEAR FAR BITS DELAY LOSS SEED");
  int near = attach(argv[1]), far = attach(argv[2]);
  rate = atoll(argv[3]);
  delay = atoll(argv[4]) * 1000;
  ways[0].in = ways[1].out = near;
  ways[0].out = ways[1].in = far;
  ways[0].loss = atoll(argv[5]);
  state = atoll(argv[6]);
  /* A line does not wait for its turn on a busy machine. */
  if (setpriority(PRIO_PROCESS, 0, -20)) err(1, "setpriority");
  prctl(PR_SET_TIMERSLACK, 1);
  puts("up");
  fflush(stdout);
  for (;;) {
    struct pollfd polled[] = {{near, POLLIN, 0}, {far, POLLIN, 0}};
    int64_t next = INT64_MAX, wait;
    for (int i = 0; i < 2; i++)
      if (ways[i].count && ways[i].packets[ways[i].first].at < next)
        next = ways[i].packets[ways[i].first].at;
    wait = next == INT64_MAX ? 1000000000 : next - now();
    if (wait < 0) wait = 0;
    ppoll(polled, 2, &(struct timespec){wait / 1000000000, wait % 1000000000}, NULL);
    for (int i = 0; i < 2; i++) {
      if (polled[i].revents & POLLIN) take(&ways[i]);
      give(&ways[i]);
    }
  }
}
