// An XDP program of a user's own, for tests; take.o is made from it once, so that tests need no clang:
// clang -O2 -g -target bpf -fdebug-compilation-dir=. -c take.c -o take.o

typedef unsigned int u32;

struct xdp_md {
    u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index;
};

static long (*redirect_map)(void *map, u32 key, unsigned long flags) = (void *) 51;

struct {
    int (*type)[17];
    u32 *key;
    u32 *value;
    int (*max_entries)[64];
} xsks_map __attribute__((section(".maps"), used));

struct {
    int (*type)[2];
    u32 *key;
    unsigned long *value;
    int (*max_entries)[1];
} seen __attribute__((section(".maps"), used));

static void *(*lookup)(void *map, const void *key) = (void *) 1;

__attribute__((section("xdp"), used)) int take(struct xdp_md *ctx) {
    u32 key = 0;
    unsigned long *count = lookup(&seen, &key);
    if (count) {
        __sync_fetch_and_add(count, 1);
    }
    return redirect_map(&xsks_map, ctx->rx_queue_index, 2);
}

char terms[] __attribute__((section("license"), used)) = "GPL";
