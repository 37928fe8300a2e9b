package dev.penstock.linux;

/** A part of the library that stands on Linux was used on another system, or on a processor it does not know. */
public final class NotLinuxException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal.
     *
     * @param what the part that needs Linux
     */
    public NotLinuxException(String what) {
        super(what + " needs Linux on x86-64 or aarch64, this is " + System.getProperty("os.name") + " on "
                + System.getProperty("os.arch") + "; use ports that live in memory (net_null, net_ring, net_pcap) here");
    }
}
