package dev.penstock.flow;

/** A flow rule that a port does not take, and why (DPDK: rte_flow_error). The rules in force are unchanged. */
public final class FlowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What of the rule is not taken. */
    public enum Cause {
        /** Nothing of it alone. */
        UNSPECIFIED(1, "cause unspecified"),
        /** The rule that was named is not there. */
        HANDLE(2, "flow rule (handle)"),
        /** Group. */
        GROUP(3, "group field"),
        /** Priority. */
        PRIORITY(4, "priority field"),
        /** Ingress. */
        INGRESS(5, "ingress field"),
        /** Egress. */
        EGRESS(6, "egress field"),
        /** Transfer. */
        TRANSFER(7, "transfer field"),
        /** A value of an item. */
        ITEM_SPEC(10, "item specification"),
        /** A range of an item. */
        ITEM_LAST(11, "item specification range"),
        /** Which bits of an item count. */
        ITEM_MASK(12, "item specification mask"),
        /** An item. */
        ITEM(13, "specific pattern item"),
        /** An action's number. */
        ACTION_CONF(15, "action configuration"),
        /** An action. */
        ACTION(16, "specific action");

        private final int number;
        private final String text;

        Cause(int number, String text) {
            this.number = number;
            this.text = text;
        }

        /** @return rte_flow's number for it */
        public int number() {
            return number;
        }

        /** @return testpmd's words for it */
        public String text() {
            return text;
        }
    }

    private final Cause what;

    FlowException(Cause what, String message) {
        super(message);
        this.what = what;
    }

    /**
     * An action that cannot be destroyed.
     *
     * @param message why
     * @return the exception
     */
    public static FlowException busy(String message) {
        return new FlowException(Cause.ACTION, message);
    }

    /** @return what is not taken */
    public Cause what() {
        return what;
    }
}
