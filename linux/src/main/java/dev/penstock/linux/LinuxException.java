package dev.penstock.linux;

/** The operating system refused a call. */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    /**
     * A refusal.
     *
     * @param what the call and its object, such as {@code open(/dev/net/tun)}
     * @param errno the error number
     * @param remedy how to mend it, or an empty string
     */
    public LinuxException(String what, int errno, String remedy) {
        super(what + ": errno " + errno + (remedy.isEmpty() ? "" : "; " + remedy));
        this.errno = errno;
    }

    /** @return the error number */
    public int errno() {
        return errno;
    }
}
