package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Mutated arguments are read or refused with a message; nothing else may happen. */
class EalFuzzTest {
    private static final String[] WORDS = {"-l", "0-3,5", "-c", "0xff", "--lcores", "(0,1)@0,2@(3-5)", "--main-lcore", "1", "-n", "4",
        "--socket-mem=1,2", "-m", "64", "--vdev", "net_null0,size=64,q=[0,1]", "--log-level=pmd.*:8", "--log-level", "lib\\..*,info",
        "--file-prefix=x", "--no-huge", "--", "-i", "-a", "0000:00:01.0", "--proc-type=auto", "-S", "1", "--huge-unlink", "-v"};
    private static final String LETTERS = "0123456789abcdefx-=,@()[]:*.\\ \t%\u00e9\u0000";

    @Test
    void shouldReadOrRefuseAnyArguments() {
        SplittableRandom random = Seed.random("EalFuzzTest");
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 200_000; i++) {
            List<String> args = new ArrayList<>();
            for (int n = random.nextInt(1, 5); n > 0; n--) {
                int at = random.nextInt(WORDS.length);
                args.add(mutate(random, WORDS[at]));
                if (at + 1 < WORDS.length && random.nextInt(4) > 0) {
                    args.add(mutate(random, WORDS[at + 1]));
                }
            }
            try {
                EalOptions.parse(args.toArray(String[]::new));
                read++;
            } catch (IllegalArgumentException e) {
                assertFalse(e.getMessage().isBlank(), args.toString());
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("arguments " + args, e);
            }
        }
        assertTrue(read > 1000 && refused > 1000, read + " read, " + refused + " refused");
    }

    private static String mutate(SplittableRandom random, String word) {
        StringBuilder text = new StringBuilder(word);
        for (int n = random.nextInt(4) == 0 ? random.nextInt(1, 4) : 0; n > 0; n--) {
            int at = random.nextInt(text.length() + 1);
            switch (random.nextInt(3)) {
                case 0 -> text.insert(at, LETTERS.charAt(random.nextInt(LETTERS.length())));
                case 1 -> text.delete(Math.max(0, at - 1), at);
                default -> text.insert(at, text.substring(0, at));
            }
        }
        return text.toString();
    }
}
