package dev.penstock.apps.overheads;

import dev.penstock.linux.Affinity;

/** How the program under test says that it runs, and in which thread, or why it does not. */
final class Ready {
    static final String WORD = "ready ";
    static final String FAILED = "failed: ";

    private Ready() {}

    static void say() {
        System.out.println(WORD + Affinity.threadId());
    }
}
