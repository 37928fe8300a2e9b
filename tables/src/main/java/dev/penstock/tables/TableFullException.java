package dev.penstock.tables;

/** A table has no room for one more entry. The table is as it was before the call. */
public final class TableFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Says what ran out.
     *
     * @param what what there is no more of, such as "rules of LPM routes"
     * @param limit how many there are
     * @param remedy how to have more
     */
    public TableFullException(String what, long limit, String remedy) {
        super("no more " + what + ": all " + limit + " are in use; " + remedy);
    }
}
