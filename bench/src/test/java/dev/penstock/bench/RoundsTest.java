package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which rounds count, by the distance of the processors. */
class RoundsTest {
    private static Rounds.Round round(double ours, double theirs, double... distances) {
        return new Rounds.Round(new double[] {ours, theirs}, distances, false);
    }

    private static Rounds.Round shared(double ours, double theirs) {
        return new Rounds.Round(new double[] {ours, theirs}, new double[] {70, 70, 70}, true);
    }

    @Test
    void shouldCountRoundsOnSharedCoresOnlyWhenOthersAreFew() {
        Rounds rounds = new Rounds(2);
        for (int i = 0; i < 4; i++) {
            rounds.add(shared(4, 4));
        }
        rounds.add(round(10, 5, 70, 80, 100));
        rounds.add(round(10, 5, 70, 80, 100));
        assertEquals(2, rounds.best().size());
        assertEquals(4, rounds.middle(0)[0]);
        rounds.add(round(12, 5, 70, 80, 100));
        assertEquals(10, rounds.middle(0)[0]);
        assertEquals(5, rounds.middle(0)[1]);
    }

    @Test
    void shouldCountOnlyRoundsInWhichTheProcessorsStayedNear() {
        Rounds rounds = new Rounds(2);
        for (int i = 0; i < 3; i++) {
            rounds.add(round(10 + i, 5 + i, 70, 80, 100));
            rounds.add(round(1, 9, 500, 520, 510));
            rounds.add(round(2, 8, 80, 510, 90));
        }
        assertEquals(3, rounds.best().size());
        assertEquals(11, rounds.middle(0)[0]);
        assertEquals(6, rounds.middle(0)[1]);
        assertTrue(rounds.toString().startsWith("3 of 9 rounds, 70 to 100 ns (in 3 others 1.00 9.00)"), rounds::toString);
    }

    @Test
    void shouldCountSteadyRoundsWhenFewAreNear() {
        Rounds rounds = new Rounds(2);
        rounds.add(round(10, 5, 70, 70, 70));
        rounds.add(round(10, 5, 70, 500, 500));
        for (int i = 0; i < 3; i++) {
            rounds.add(round(2, 8, 500, 510, 490));
        }
        assertEquals(1, rounds.best().size());
        assertEquals(2, rounds.middle(0)[0]);
    }

    @Test
    void shouldCountSteadyRoundsWhenNearOnesAreASmallPart() {
        Rounds rounds = new Rounds(2);
        for (int i = 0; i < 32; i++) {
            rounds.add(i < 3 ? round(10, 5, 70, 70, 70) : round(2, 8, 500, 510, 490));
        }
        assertEquals(3, rounds.best().size());
        assertEquals(2, rounds.middle(0)[0]);
    }

    @Test
    void shouldCountAllWhenTheDistanceChangesAllTheTime() {
        Rounds rounds = new Rounds(2);
        rounds.add(round(3, 5, 70, 500, 70));
        rounds.add(round(5, 7, 70, 500, 500));
        assertEquals(3, rounds.middle(0)[0]);
        assertEquals(5, rounds.middle(0)[1]);
    }

    @Test
    void shouldTakeTheRoundInTheMiddleByItsRatio() {
        Rounds rounds = new Rounds(2);
        rounds.add(round(9, 10, 70, 80, 100));
        rounds.add(round(3, 2, 70, 80, 100));
        rounds.add(round(20, 10, 70, 80, 100));
        assertEquals(3, rounds.middle(0)[0]);
        assertEquals(2, rounds.middle(0)[1]);
        rounds.add(round(30, 10, 70, 80, 100));
        assertEquals(3, rounds.middle(0)[0]);
        assertEquals(10, rounds.middle(1)[0]);
    }
}
