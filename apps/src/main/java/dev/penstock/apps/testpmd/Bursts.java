package dev.penstock.apps.testpmd;

/** The line of {@code --record-burst-stats}: how many bursts, and the shares of empty ones and of the two commonest sizes. */
final class Bursts {
    private Bursts() {}

    /** The line, or nothing when there was no burst. */
    static String text(String side, long[] spread) {
        if (spread == null) {
            return "";
        }
        int first = 0;
        int second = 0;
        long total = spread[0];
        for (int n = 1; n < spread.length; n++) {
            total += spread[n];
            if (spread[n] > (first == 0 ? 0 : spread[first])) {
                second = first;
                first = n;
            } else if (spread[n] > (second == 0 ? 0 : spread[second])) {
                second = n;
            }
        }
        if (total == 0) {
            return "";
        }
        StringBuilder text = new StringBuilder("  " + side + "-bursts : " + total + " [");
        int[] sizes = {0, first, second};
        long counted = 0;
        int percents = 0;
        for (int i = 0; i < sizes.length; i++) {
            long count = i > 0 && sizes[i] == 0 ? 0 : spread[sizes[i]];
            counted += count;
            if (counted == total) {
                return text.append(100 - percents).append("% of ").append(sizes[i]).append(" pkts]\n").toString();
            }
            int percent = (int) ((double) count / total * 100);
            text.append(percent).append("% of ").append(sizes[i]).append(" pkts + ");
            percents += percent;
        }
        return text.append(100 - percents).append("% of other]\n").toString();
    }
}
