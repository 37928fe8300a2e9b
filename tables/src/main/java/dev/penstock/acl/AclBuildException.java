package dev.penstock.acl;

/** An ACL's rules could not be made into a table. The table that was built before is still in use. */
public final class AclBuildException extends RuntimeException {
    private static final long serialVersionUID = 1;

    AclBuildException(String text) {
        super(text);
    }

    AclBuildException(String text, Throwable cause) {
        super(text, cause);
    }
}
