package dev.penstock.apps.testpmd;

import java.util.function.Function;

/** The forwarding modes, in DPDK's order. */
enum Mode {
    /** As it is. */
    IO("io", s -> new IoEngine()),
    /** Writes addresses. */
    MAC("mac", s -> new MacEngine()),
    /** Exchanges addresses. */
    MACSWAP("macswap", s -> new MacSwapEngine()),
    /** Generates flows. */
    FLOWGEN("flowgen", FlowGenEngine::new),
    /** Receives only. */
    RXONLY("rxonly", s -> new RxOnlyEngine()),
    /** Sends only. */
    TXONLY("txonly", TxOnlyEngine::new),
    /** Computes checksums. */
    CSUM("csum", s -> new CsumEngine()),
    /** Answers ARP and ping. */
    ICMPECHO("icmpecho", s -> new IcmpEchoEngine()),
    /** Delays packets and disturbs caches, as a busy neighbour does. */
    NOISY("noisy", NoisyEngine::new),
    /** Exchanges addresses of all layers. */
    FIVE_TUPLE_SWAP("5tswap", s -> new FiveTupleSwapEngine()),
    /** Receives only, each packet for the port that it came by: here that is always the one whose queue it is. */
    SHARED_RXQ("shared_rxq", s -> new RxOnlyEngine());

    private final String word;
    private final Function<Settings, Engine> maker;

    Mode(String word, Function<Settings, Engine> maker) {
        this.word = word;
        this.maker = maker;
    }

    String word() {
        return word;
    }

    Engine engine(Settings settings) {
        return maker.apply(settings);
    }

    /** Why the mode itself ends packets, as show fwd balance names it. */
    String ending() {
        return switch (this) {
            case RXONLY -> "rxonly_received";
            case SHARED_RXQ -> "shared_rxq_received";
            case FLOWGEN -> "flowgen_received";
            case ICMPECHO -> "icmpecho_no_request";
            default -> "none";
        };
    }

    boolean needsRx() {
        return this != TXONLY;
    }

    boolean needsTx() {
        return this != RXONLY;
    }

    /** Finds a mode; null when there is none of that name. */
    static Mode of(String word) {
        for (Mode mode : values()) {
            if (mode.word.equals(word)) {
                return mode;
            }
        }
        return null;
    }

    /** All names with a mark between, as the usage lists them. */
    static String words() {
        StringBuilder text = new StringBuilder();
        for (Mode mode : values()) {
            text.append(text.isEmpty() ? "" : "|").append(mode.word);
        }
        return text.toString();
    }
}
