package dev.penstock.drivers.tap;

import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.TrafficControl;

/**
 * An interface that a TAP port stands in for: what it receives, the port receives; what the port sends, it
 * sends. Done by the kernel's traffic control. The interface's own stack receives nothing meanwhile.
 */
final class Remote implements AutoCloseable {
    private final NetInterface netif;
    private final TrafficControl control = new TrafficControl();
    private boolean joined;
    private boolean ingressMade;

    Remote(String port, String name) {
        try {
            netif = new NetInterface(name);
        } catch (RuntimeException e) {
            control.close();
            if (e instanceof LinuxException l && l.errno() == Errno.ENODEV) {
                throw new IllegalArgumentException(port + ": remote=" + name + ": there is no such interface in this network"
                        + " namespace; see those that are with: ip link", e);
            }
            throw e;
        }
    }

    NetInterface netif() {
        return netif;
    }

    /** Joins the two; the TAP's own side goes with the TAP. */
    void join(NetInterface tap) {
        control.redirect(tap.index(), netif.index());
        ingressMade = control.redirect(netif.index(), tap.index());
        joined = true;
    }

    @Override
    public void close() {
        try {
            if (joined) {
                control.end(netif.index(), ingressMade);
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
        } finally {
            control.close();
            netif.close();
        }
    }
}
