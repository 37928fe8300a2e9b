package dev.penstock.drivers;

import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.ethdev.PortEvent;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.ethdev.Xstat;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A port that stands on another one and does something with what passes. It has the other's queues,
 * address, link and modes; applications no longer see the other one. The device argument {@code on} says
 * which: {@code on=net_null0} for a port that is there, {@code on=[net_null0,size=100]} for one that is
 * made with it and closed with it.
 */
public abstract class StackedDevice extends Device {
    /** The device argument that names the port below. */
    public static final String ON = "on";
    /** The device argument that names the direction. */
    public static final String DIR = "dir";

    private final Below below;
    private final Port lower;
    private final BiConsumer<Port, PortEvent> follower = this::follow;

    /**
     * Stands on a port.
     *
     * @param below the port
     */
    protected StackedDevice(Below below) {
        this.below = below;
        lower = below.port;
        lower.addListener(follower);
    }

    private void follow(Port from, PortEvent event) {
        if (event == PortEvent.LINK_CHANGED && port() != null) {
            port().fire(event);
        }
    }

    /**
     * A port to stand on.
     *
     * @param port the port, taken for the one above
     * @param owned whether it was made for it
     */
    public record Below(Port port, boolean owned) {
        /**
         * Finds or makes the port that {@code on} says, and takes it.
         *
         * @param request what the port above was asked to be
         * @return the port
         * @throws IllegalArgumentException when there is none, or it is taken or in use
         */
        public static Below take(PortDriver.Request request) {
            String on = request.text(ON, "");
            if (on.isEmpty()) {
                throw new IllegalArgumentException(request.name() + ": stands on another port; give on=NAME or on=[NAME,...]");
            }
            boolean make = on.startsWith("[") && on.endsWith("]");
            Port port = make ? request.ports().attach(on.substring(1, on.length() - 1)) : request.ports().byName(on);
            if (port == null) {
                throw new IllegalArgumentException(request.name() + ": on=" + on + ": there is no such port; give its --vdev before, or on=["
                        + on + ",...]");
            }
            if (port.state() == Port.State.STARTED || port.owner() != null) {
                throw new IllegalArgumentException(request.name() + ": on=" + on + ": that port is "
                        + (port.owner() != null ? "taken by " + port.owner() : "started; stop it first"));
            }
            port.owner(request.name());
            return new Below(port, make);
        }

        /** Gives the port back, as when the one above can't be made after all. */
        public void release() {
            port.owner(null);
            if (owned) {
                port.close();
            }
        }
    }

    /**
     * Which directions {@code dir} asks for.
     *
     * @param request what was asked
     * @param direction {@code rx} or {@code tx}
     * @return true when that direction is meant
     */
    public static boolean covers(PortDriver.Request request, String direction) {
        String dir = request.text(DIR, "both");
        if (!Set.of("rx", "tx", "both").contains(dir)) {
            throw new IllegalArgumentException(request.name() + ": dir=" + dir + "; give rx, tx or both");
        }
        return dir.equals("both") || dir.equals(direction);
    }

    /** @return the port that this one stands on */
    protected final Port lower() {
        return lower;
    }

    /** @return the driver's name */
    protected abstract String driver();

    @Override
    protected boolean waitsForTeller(boolean closing) {
        return lower.waitsForTeller(closing);
    }

    /**
     * Makes the queue above a receive queue that has been set up.
     *
     * @param queue its number
     * @param config as given
     * @return the queue
     */
    protected abstract RxQueue above(int queue, RxQueueConfig config);

    /**
     * Makes the queue above a transmit queue that has been set up.
     *
     * @param queue its number
     * @param config as given
     * @return the queue
     */
    protected abstract TxQueue above(int queue, TxQueueConfig config);

    @Override
    public final DeviceInfo info() {
        DeviceInfo i = lower.info();
        return new DeviceInfo(driver(), lower.filters().mac(), i.maxRxQueues(), i.maxTxQueues(), i.minRxBuffer(), i.maxRxPacket(),
                i.minMtu(), i.maxMtu(), i.maxMacs(), i.rxOffloads(), i.txOffloads(), i.rssTypes(), i.retaSize(), i.rssKeyBytes());
    }

    @Override
    public final void configure(PortConfig config) {
        DeviceInfo i = lower.info();
        // What the device below lacks, queues and offloads, is done in software above, once.
        lower.configure(new PortConfig(Math.min(config.rxQueues(), i.maxRxQueues()), config.txQueues(),
                config.rxOffloads() & i.rxOffloads(), config.txOffloads() & i.txOffloads(), config.mtu(),
                config.rssTypes() & i.rssTypes(), config.linkInterrupt(), config.rxInterrupt()));
    }

    @Override
    public final RxQueue rxQueue(int queue, RxQueueConfig config) {
        lower.setupRxQueue(queue, new RxQueueConfig(config.pool(), config.descriptors(),
                config.offloads() & lower.info().rxOffloads(), false, config.freeThreshold()));
        return above(queue, config);
    }

    @Override
    public final TxQueue txQueue(int queue, TxQueueConfig config) {
        lower.setupTxQueue(queue, new TxQueueConfig(config.descriptors(), config.offloads() & lower.info().txOffloads(), false,
                config.freeThreshold()));
        return above(queue, config);
    }

    @Override
    public void start() {
        lower.start();
    }

    @Override
    public void stop() {
        lower.stop();
    }

    @Override
    public void close() {
        lower.removeListener(follower);
        below.release();
    }

    @Override
    public final Link link() {
        return lower.link();
    }

    @Override
    public final void linkUp(boolean up) {
        lower.linkUp(up);
    }

    @Override
    public final void promiscuous(boolean on) {
        lower.filters().promiscuous(on);
    }

    @Override
    public final void allMulticast(boolean on) {
        lower.filters().allMulticast(on);
    }

    @Override
    public final void mac(long mac) {
        lower.filters().mac(mac);
    }

    @Override
    public final void addMac(long mac) {
        lower.filters().addMac(mac);
    }

    @Override
    public final void removeMac(long mac) {
        lower.filters().removeMac(mac);
    }

    @Override
    public final void mtu(int bytes) {
        lower.filters().mtu(bytes);
    }

    @Override
    public final void vlanFilter(int vlan, boolean on) {
        lower.filters().vlan(vlan, on);
    }

    /**
     * What the port below counts, each name with {@code lower_} before it.
     *
     * @return the counters
     */
    protected final List<Xstat> lowerXstats() {
        return lower.xstats().stream().map(x -> new Xstat("lower_" + x.name(), x.value())).toList();
    }
}
