package dev.penstock.ring;

import dev.penstock.eal.Apart;

/** What one thread has for itself until a second one comes: see {@link Bias}. */
abstract class Owned extends Apart {
    /** The number of the thread that has it, or another word of {@link Bias}. */
    long owner;
    /** Up to where the owner is about to go. */
    long entered;

    /** Up to where the owner is done; what it entered, when it is out. */
    abstract long tailPosition();

    /** Makes it ready for all threads, behind its owner, which is out and comes in no more. */
    abstract void share();
}
