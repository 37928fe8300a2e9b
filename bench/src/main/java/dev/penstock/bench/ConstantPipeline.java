package dev.penstock.bench;

import dev.penstock.jit.Specialised;
import dev.penstock.mbuf.Mbuf;
import java.lang.invoke.MethodHandles;

/**
 * The same stages as constants of the class, which {@link Specialised#of} defines anew for each configuration: the JIT
 * sees what each stage is and what its fields hold, and leaves out what that makes idle.
 */
final class ConstantPipeline implements SpecialiseBench.Pipeline {
    private static final Stage[] STAGES = Specialised.constants(MethodHandles.lookup(), Stage[].class);
    // An array's elements are no constants to the JIT, fields are.
    private static final Stage A = STAGES[0];
    private static final Stage B = STAGES[1];
    private static final Stage C = STAGES[2];
    private static final Stage D = STAGES[3];
    private static final Stage E = STAGES[4];
    private static final Stage F = STAGES[5];

    ConstantPipeline() {}

    @Override
    public int run(Mbuf[] burst, int n) {
        int accepted = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = burst[i];
            accepted += A.accept(m) && B.accept(m) && C.accept(m) && D.accept(m) && E.accept(m) && F.accept(m) ? 1 : 0;
        }
        return accepted;
    }
}
