package dev.penstock.linux;

/**
 * The operating system refused a call. The message names the call and its object, the error number's
 * name and meaning, and the remedy where one is known.
 */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;
    private final String remedy;

    /**
     * A refusal.
     *
     * @param call the call and its object, such as {@code open(/dev/net/tun)}
     * @param errno the error number, positive
     * @param remedy how to mend it, or an empty string
     */
    public LinuxException(String call, int errno, String remedy) {
        super(call + ": " + Errno.describe(errno) + (remedy.isEmpty() ? "" : "; " + remedy));
        this.call = call;
        this.errno = errno;
        this.remedy = remedy;
    }

    /** @return the call and its object */
    public String call() {
        return call;
    }

    /** @return the error number, one of {@link Errno}'s constants */
    public int errno() {
        return errno;
    }

    /** @return the error number's name, such as {@code EPERM} */
    public String errnoName() {
        return Errno.name(errno);
    }

    /** @return how to mend it, or an empty string */
    public String remedy() {
        return remedy;
    }

    /**
     * Turns a call's outcome into its result or an exception.
     *
     * @param result the result, or a negated error number
     * @param call the call and its object, for the message
     * @param remedy how to mend it, or an empty string
     * @return the result
     * @throws LinuxException if {@code result} is negative
     */
    public static long check(long result, String call, String remedy) {
        if (result < 0) {
            throw new LinuxException(call, (int) -result, remedy);
        }
        return result;
    }

    static int check(int result, String call) {
        return (int) check(result, call, "");
    }
}
