package dev.penstock.drivers;

import dev.penstock.ethdev.Device;

/** A device without a card, whose frames come from memory: every frame that comes is for it, and any address and MTU will do. */
public abstract class MemoryDevice extends Device {
    /** For those that extend it. */
    protected MemoryDevice() {}

    @Override
    public final void promiscuous(boolean on) {}

    @Override
    public final void allMulticast(boolean on) {}

    @Override
    public final void mac(long mac) {}

    @Override
    public final void addMac(long mac) {}

    @Override
    public final void removeMac(long mac) {}

    @Override
    public final void mtu(int bytes) {}
}
