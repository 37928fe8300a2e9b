package dev.penstock.testkit;

/** Whether tests that make network namespaces can run: {@code @EnabledIf("dev.penstock.testkit.Root#here")}. */
public final class Root {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private Root() {}

    /** @return whether this process is root's; else says on standard error that tests are skipped */
    public static boolean here() {
        if (!ROOT) {
            System.err.println("SKIPPED, not root: a test class that makes network namespaces; run it with sudo");
        }
        return ROOT;
    }
}
