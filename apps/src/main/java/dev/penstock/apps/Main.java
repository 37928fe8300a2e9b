package dev.penstock.apps;

/** The launcher's entry point. */
public final class Main {
    private Main() {}

    /**
     * Runs a subcommand.
     *
     * @param args its name and arguments
     */
    public static void main(String[] args) {
        System.out.println("penstock");
    }
}
