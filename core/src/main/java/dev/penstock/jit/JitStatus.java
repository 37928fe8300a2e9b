package dev.penstock.jit;

/**
 * The packet path's state at one moment, counted since {@link JitHealth#qualify()}.
 *
 * @param qualified whether the path has been called warm
 * @param pending methods that were compiled when the path qualified and are not now; 0 is healthy
 * @param deoptimizations how often a watched thread left compiled code
 * @param thrownOut how many compiled forms the JVM threw out, after a deoptimization or because a class was loaded
 * @param recompilations how often one of those methods was compiled again
 * @param compilations how many methods of any thread were compiled by the top tier
 * @param safepoints how often all threads were stopped
 * @param safepointNs how long they were stopped in all
 * @param allocatedBytes what the watched threads allocated on the heap
 * @param last the latest deoptimization in words; empty when there was none
 */
public record JitStatus(boolean qualified, int pending, long deoptimizations, long thrownOut, long recompilations, long compilations,
        long safepoints, long safepointNs, long allocatedBytes, String last) {
    /** @return true when nothing on the path runs slower than when it qualified */
    public boolean healthy() {
        return qualified && pending == 0;
    }
}
