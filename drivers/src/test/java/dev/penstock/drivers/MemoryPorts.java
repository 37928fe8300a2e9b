package dev.penstock.drivers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import org.junit.jupiter.api.AfterEach;

/** What tests of ports in memory stand on: an environment, its ports, and a pool that all packets must be back in at the end. */
public abstract class MemoryPorts {
    protected final Eal eal = Eal.start("--no-huge", "--in-memory");
    protected final Ports ports = new Ports(eal);
    protected final MbufPool pool;

    protected MemoryPorts(int mbufs) {
        pool = MbufPool.create(eal, "pool", mbufs, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
    }

    @AfterEach
    void stop() {
        ports.close();
        assertEquals(pool.size(), pool.availCount(), "all packets are back in the pool");
        eal.close();
    }

    /** A port with a queue each way. */
    protected final Port started(String devargs) {
        return start(ports.attach(devargs), 1, 1);
    }

    /** A port with so many queues. */
    protected final Port start(Port port, int rx, int tx) {
        return start(port, PortConfig.of(rx, tx));
    }

    protected final Port start(Port port, PortConfig config) {
        ready(port, config).start();
        return port;
    }

    /** A port that only has to be started. */
    protected final Port ready(Port port, PortConfig config) {
        port.configure(config);
        for (int q = 0; q < config.rxQueues(); q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
        }
        for (int q = 0; q < config.txQueues(); q++) {
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        return port;
    }
}
