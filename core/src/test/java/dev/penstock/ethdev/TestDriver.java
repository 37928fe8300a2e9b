package dev.penstock.ethdev;

import dev.penstock.eal.Eal;
import dev.penstock.linux.Fd;
import dev.penstock.mbuf.Mbuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A device whose frames a test puts in and takes out. */
public final class TestDriver implements PortDriver {
    /** For the service loader. */
    public TestDriver() {}

    @Override
    public String name() {
        return "net_test";
    }

    @Override
    public Set<String> parameters() {
        return Set.of("key", "macs", "queues");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        return new TestDevice(request.number("macs", 2, 1, 8), request.number("queues", 4, 1, 4));
    }

    static final class TestDevice extends Device {
        final List<String> calls = new ArrayList<>();
        final ArrayDeque<Mbuf> arriving = new ArrayDeque<>();
        final ArrayDeque<Mbuf> sent = new ArrayDeque<>();
        final int macs;
        final int queues;
        int room = Integer.MAX_VALUE;
        long dropped;
        Fd doorbell;
        /** Why it takes no configuration and makes no queue; null when it does. */
        String refusal;
        /** What the next calls to send throw; null when they send. */
        RuntimeException failure;

        TestDevice(int macs, int queues) {
            this.queues = queues;
            this.macs = macs;
        }

        @Override
        public DeviceInfo info() {
            return DeviceInfo.of("net_test", 0x0200_0000_0001L).withQueues(queues, 4).withMacs(macs).withSizes(0, 9018, 68, 9000)
                    .withRss(queues == 1 ? 0 : RssType.IP, 0, 0);
        }

        private void refuse() {
            if (refusal != null) {
                throw new IllegalStateException(refusal);
            }
        }

        @Override
        public void configure(PortConfig config) {
            refuse();
        }

        @Override
        public RxQueue rxQueue(int queue, RxQueueConfig config) {
            refuse();
            return new RxQueue() {
                @Override
                protected int receive(Mbuf[] to, int max) {
                    int n = 0;
                    while (n < max && !arriving.isEmpty()) {
                        to[n] = arriving.poll();
                        bytes += to[n++].pktLen();
                    }
                    packets += n;
                    return n;
                }

                @Override
                protected Fd interruptFd() {
                    return doorbell;
                }

                @Override
                protected void start() {
                    calls.add("rx" + queue + " start");
                }

                @Override
                protected void stop() {
                    calls.add("rx" + queue + " stop");
                }
            };
        }

        @Override
        public TxQueue txQueue(int queue, TxQueueConfig config) {
            refuse();
            return new TxQueue() {
                @Override
                protected int transmit(Mbuf[] from, int offset, int n) {
                    if (failure != null) {
                        throw failure;
                    }
                    int taken = Math.min(n, room);
                    for (int i = 0; i < taken; i++) {
                        sent.add(from[offset + i]);
                        bytes += from[offset + i].pktLen();
                    }
                    packets += taken;
                    return taken;
                }
            };
        }

        @Override
        public void start() {
            calls.add("start");
        }

        @Override
        public void stop() {
            calls.add("stop");
        }

        @Override
        public void close() {
            calls.add("close");
        }

        @Override
        public Link link() {
            return Link.VIRTUAL;
        }

        @Override
        public void addMac(long mac) {}

        @Override
        public void removeMac(long mac) {}

        @Override
        public void mac(long mac) {}

        @Override
        public void mtu(int bytes) {}

        @Override
        public List<Xstat> xstats() {
            return List.of(new Xstat("rx_test_dropped", dropped));
        }
    }
}
