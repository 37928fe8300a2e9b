package dev.penstock.acl;

/** A rule that an ACL does not take. The ACL is as it was before the call. */
public final class AclRuleException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why a rule is not taken. */
    public enum Reason {
        /** A number in it is out of range. */
        MALFORMED,
        /** A rule that matches the same with the same priority is there, in a category of this one. */
        DUPLICATE,
        /** It shares packets, priority and a category with a rule that is there, and overlaps are refused. */
        OVERLAP,
        /** The ACL has as many rules as it may have. */
        FULL
    }

    private final Reason reason;
    private final int line;
    private final String field;

    AclRuleException(Reason reason, AclRule rule, String field, String text) {
        super("ACL rule" + (rule.line() > 0 ? " in line " + rule.line() : " of userdata " + rule.userdata())
                + (field.isEmpty() ? "" : ", field " + field) + ": " + text);
        this.reason = reason;
        this.line = rule.line();
        this.field = field;
    }

    /** @return why */
    public Reason reason() {
        return reason;
    }

    /** @return the rule's line, 0 when it has none */
    public int line() {
        return line;
    }

    /** @return the field's name, empty when it is not about one field */
    public String field() {
        return field;
    }
}
