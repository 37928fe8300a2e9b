package dev.penstock.lpm;

/** Which groups of 256 entries are free, and how many long routes each of the others serves. */
final class Groups {
    private final int[] free;
    private final short[] rules;
    private int freeCount;

    Groups(int count) {
        free = new int[count];
        rules = new short[count];
        freeCount = count;
        for (int i = 0; i < count; i++) {
            free[i] = count - 1 - i;
        }
    }

    int count() {
        return free.length;
    }

    int used() {
        return free.length - freeCount;
    }

    /** A free group, or -1. */
    int take() {
        return freeCount == 0 ? -1 : free[--freeCount];
    }

    void free(int group) {
        free[freeCount++] = group;
    }

    void addRule(int group) {
        rules[group]++;
    }

    int removeRule(int group) {
        return --rules[group];
    }

    void clear(int group) {
        rules[group] = 0;
    }
}
