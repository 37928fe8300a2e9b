package dev.penstock.linux;

/** A file that is no eBPF object, or one that can't be loaded; the message says what is wrong and where. */
public final class BpfObjectException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal.
     *
     * @param where the section and the place in it
     * @param what what is wrong there, and how to mend it
     */
    public BpfObjectException(String where, String what) {
        super(where + ": " + what);
    }
}
