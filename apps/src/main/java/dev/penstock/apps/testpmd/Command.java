package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;

/**
 * One command.
 *
 * @param section which part of help it belongs to
 * @param syntax its words
 * @param help what it does, in a line
 * @param handler what does it
 */
record Command(String section, Syntax syntax, String help, Handler handler) {
    /** What a command does. */
    @FunctionalInterface
    interface Handler {
        void run(Arguments a);
    }
}
