package dev.penstock.verify.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.verify.Jcstress;
import dev.penstock.verify.Jcstress.Verdict;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs jcstress over RCU, the hash, EFD and the trie of routes, half a minute; and over a broken use of RCU and a broken trie, which
 * must be caught.
 *
 * <p>The deep run: {@code mvn -pl verify -am package -Dtest=TablesConcurrencyTest -Dgroups=slow -DexcludedGroups=
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class TablesConcurrencyTest {
    private static final String SOUND = "verify\\.tables\\.(Qsbr|Hash|Efd|Trie).*";

    @BeforeAll
    static void needsTwoProcessors() {
        Jcstress.needTwoProcessors();
    }

    @Test
    void shouldAllowNoForbiddenOutcome() throws Exception {
        Verdict verdict = Jcstress.run(SOUND, "-jvmArgs", Jcstress.JVM, "-sc", "false", "-af", "NONE", "-time", "300",
                "-iters", "2", "-f", "1");
        assertEquals(0, verdict.failed() + verdict.errors(), verdict.output());
        assertEquals(14, verdict.passed(), verdict.output());
    }

    @Test
    void shouldCatchAWriterThatDoesNotWait() throws Exception {
        Verdict verdict = Jcstress.run("verify\\.tables\\.BrokenQsbrTwins.*", "-jvmArgs", Jcstress.JVM, "-sc", "false", "-af",
                "NONE", "-time", "500", "-iters", "4", "-f", "1");
        assertTrue(verdict.output().contains("[FAILED] " + BrokenQsbrTwins.class.getName() + ".WriterDoesNotWait"),
                verdict.output());
        assertEquals(1, verdict.failed(), verdict.output());
        assertEquals(0, verdict.errors(), verdict.output());
    }

    @Test
    void shouldCatchAGroupThatIsShownBeforeItIsFilled() throws Exception {
        Verdict verdict = Jcstress.run("verify\\.tables\\.BrokenTrieTwins.*", "-jvmArgs", Jcstress.JVM, "-sc", "false", "-af",
                "NONE", "-time", "500", "-iters", "4", "-f", "1");
        assertTrue(verdict.output().contains("[FAILED] " + BrokenTrieTwins.class.getName() + ".GroupShownTooEarly"),
                verdict.output());
        assertEquals(1, verdict.failed(), verdict.output());
        assertEquals(0, verdict.errors(), verdict.output());
    }

    @Test
    @Tag("slow")
    void shouldAllowNoForbiddenOutcomeInADeepRun() throws Exception {
        Verdict verdict = Jcstress.run(SOUND, "-jvmArgsPrepend", Jcstress.JVM, "-m", "quick");
        assertEquals(0, verdict.failed() + verdict.errors(), verdict.output());
        assertEquals(verdict.planned(), verdict.passed(), verdict.output());
    }
}
