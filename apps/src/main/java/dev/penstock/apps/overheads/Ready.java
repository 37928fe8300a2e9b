package dev.penstock.apps.overheads;

import dev.penstock.linux.Affinity;

/** How the program under test says that it runs, and in which thread. */
final class Ready {
    static final String WORD = "ready ";

    private Ready() {}

    static void say() {
        System.out.println(WORD + Affinity.threadId());
    }
}
