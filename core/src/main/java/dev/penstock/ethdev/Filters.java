package dev.penstock.ethdev;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which frames a port receives: its addresses, VLANs, modes and MTU. Remembered here, done by the device. */
public final class Filters {
    private final Device device;
    private final List<Long> macs = new ArrayList<>();
    private final BitSet vlans = new BitSet(4096);
    private boolean promiscuous;
    private boolean allMulticast;
    private int mtu = 1500;

    Filters(Device device, DeviceInfo info) {
        this.device = device;
        macs.add(info.mac());
    }

    /** @return the primary address, in the low 48 bits */
    public long mac() {
        return macs.getFirst();
    }

    /**
     * Changes the primary address.
     *
     * @param mac a unicast address, not zero
     */
    public void mac(long mac) {
        checkUnicast(mac);
        device.mac(mac);
        macs.set(0, mac);
    }

    /** @return all addresses, the primary one first */
    public List<Long> macs() {
        return List.copyOf(macs);
    }

    /**
     * Adds an address. The device's table bounds the unicast ones alone, as in DPDK.
     *
     * @param mac the address, not zero
     */
    public void addMac(long mac) {
        if (mac == 0) {
            throw new IllegalArgumentException("an address of zero is nobody's; give another one");
        }
        if (macs.contains(mac)) {
            return;
        }
        int max = device.info().maxMacs();
        if (!isGroup(mac) && macs.stream().filter(known -> !isGroup(known)).count() >= max) {
            throw new IllegalArgumentException("the port's filter holds " + max + " addresses and is full; remove one first");
        }
        device.addMac(mac);
        macs.add(mac);
    }

    /**
     * Removes an address.
     *
     * @param mac the address
     */
    public void removeMac(long mac) {
        if (mac == mac()) {
            throw new IllegalArgumentException("the primary address can't be removed; set another one instead");
        }
        if (macs.contains(mac)) {
            device.removeMac(mac);
            macs.remove(mac);
        }
    }

    /** @return true when frames for every address are received */
    public boolean promiscuous() {
        return promiscuous;
    }

    /**
     * Receives frames for every address, or not.
     *
     * @param on true for all
     */
    public void promiscuous(boolean on) {
        device.promiscuous(on);
        promiscuous = on;
    }

    /** @return true when all multicast frames are received */
    public boolean allMulticast() {
        return allMulticast;
    }

    /**
     * Receives all multicast frames, or not.
     *
     * @param on true for all
     */
    public void allMulticast(boolean on) {
        device.allMulticast(on);
        allMulticast = on;
    }

    /** @return the largest payload of a frame, in bytes */
    public int mtu() {
        return mtu;
    }

    /**
     * Changes the largest payload.
     *
     * @param bytes within the device's range
     */
    public void mtu(int bytes) {
        checkMtu(bytes);
        device.mtu(bytes);
        mtu = bytes;
    }

    void checkMtu(int bytes) {
        DeviceInfo info = device.info();
        if (bytes < info.minMtu() || bytes > info.maxMtu()) {
            throw new IllegalArgumentException("MTU " + bytes + " is out of range; the port can have " + info.minMtu() + " to "
                    + info.maxMtu());
        }
    }

    /**
     * Accepts frames of a VLAN, or not. It counts with offload {@link RxOffload#VLAN_FILTER}; where the device
     * has none, the filter is software.
     *
     * @param vlan 0 to 4095
     * @param on true to accept
     */
    public void vlan(int vlan, boolean on) {
        if (vlan < 0 || vlan > 4095) {
            throw new IllegalArgumentException("VLAN " + vlan + " is out of range; give 0 to 4095");
        }
        if ((device.info().rxOffloads() & RxOffload.VLAN_FILTER) != 0) {
            device.vlanFilter(vlan, on);
        }
        vlans.set(vlan, on);
    }

    /**
     * Whether frames of a VLAN are accepted by the filter.
     *
     * @param vlan 0 to 4095
     * @return true when they are
     */
    public boolean vlan(int vlan) {
        return vlans.get(vlan);
    }

    /** Sets what was set on a port that this one takes the place of, as far as the device can. */
    void restore(Filters old) {
        if (old.mac() != mac()) {
            mac(old.mac());
        }
        old.macs.stream().skip(1).forEach(this::addMac);
        if (old.promiscuous) {
            promiscuous(true);
        }
        if (old.allMulticast) {
            allMulticast(true);
        }
        if (old.mtu != mtu) {
            mtu(old.mtu);
        }
        old.vlans.stream().forEach(vlan -> vlan(vlan, true));
    }

    private static boolean isGroup(long mac) {
        return (mac >>> 40 & 1) != 0;
    }

    private static void checkUnicast(long mac) {
        if (mac == 0 || isGroup(mac)) {
            throw new IllegalArgumentException("a port's own address must be unicast and not zero");
        }
    }
}
