package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.RssType;
import dev.penstock.mbuf.MbufPool;
import java.util.ArrayList;
import java.util.List;

/** What options and commands have set; plain fields, used by the prompt's thread alone. */
final class Settings {
    /** How a receiving port finds the port it sends to. */
    enum Topology {
        /** 0 with 1, 2 with 3. */
        PAIRED,
        /** Each to the next. */
        CHAINED,
        /** Each to itself. */
        LOOP
    }

    static final int MAX_SEGMENTS = 255;
    static final int MAX_PEERS = 1024;

    boolean interactive;
    boolean autoStart;
    boolean txFirst;
    int statsPeriodS;
    String commandFile;
    boolean deviceStart = true;
    boolean linkCheck = true;
    boolean linkInterrupt = true;
    boolean flowIsolate;
    int warmUpMs;
    boolean firstSecond;
    boolean jitHealth;

    Mode mode = Mode.IO;
    boolean retry;
    int retries = 64;
    int retryDelayUs = 1;
    Topology topology = Topology.PAIRED;
    int burst = 32;
    boolean flushRx = true;
    boolean recordCycles;
    /** Whether forwarding lcores sleep while nothing comes. */
    boolean adaptive;
    boolean recordBursts;
    /** The lcore that joins latencies, and the one that computes bit rates; -1 for none. */
    int latencyLcore = -1;
    int bitrateLcore = -1;
    int verbose;

    /** Lcores that may forward, those that do are the first {@link #cores}. */
    List<Integer> coreList = new ArrayList<>();
    int cores;
    /** Ports that may forward, those that do are the first {@link #ports}. */
    List<Integer> portList = new ArrayList<>();
    int ports;

    int rxQueues = 1;
    int txQueues = 1;
    int rxDescriptors;
    int txDescriptors;
    int rxFreeThreshold = -1;
    int txFreeThreshold = -1;
    int txRsThreshold = -1;
    int[] rxThresholds = {-1, -1, -1};
    int[] txThresholds = {-1, -1, -1};
    long rxOffloads;
    long txOffloads;
    long rssTypes = RssType.IP;
    int maxPacketLength;
    int mtu;

    boolean numa = true;
    String allocation = "native";
    List<Integer> mbufSizes = new ArrayList<>(List.of(MbufPool.DEFAULT_DATA_ROOM));
    int mbufs;
    int mbufCache = 250;

    int[] txLengths = {64};
    /** Whether each packet has all segments, or as many as chance says. */
    String txSplit = "off";
    int[] rxLengths = {};
    int[] rxOffsets = {};
    /** Bytes of a frame beyond which csum cuts TCP packets in software, where a port's gso is on. */
    int cutSize = 1514;
    /** Headers between commas; shown only. */
    String rxHeaders = "";
    /** Nanoseconds between bursts and between packets; shown only. */
    int[] txTimes = {0, 0};
    boolean multiFlow;
    int flows = 1024;
    int flowClones;
    int txSrcIp = 0xc6120001;
    int txDstIp = 0xc6120002;
    int txSrcPort = 9;
    int txDstPort = 9;

    Mode noisyMode = Mode.IO;
    int noisyBuffer;
    int noisyFlushMs;
    int noisyMemoryMb;
    int noisyWrites;
    int noisyReads;
    int noisyReadWrites;

    boolean hideZeroXstats;
    List<String> shownXstats = List.of();
    final long[] peers = new long[MAX_PEERS];

    Settings() {
        for (int i = 0; i < peers.length; i++) {
            peers[i] = 0x0200_0000_0000L | i & 0xff;
        }
    }

    int txLength() {
        int sum = 0;
        for (int length : txLengths) {
            sum += length;
        }
        return sum;
    }
}
