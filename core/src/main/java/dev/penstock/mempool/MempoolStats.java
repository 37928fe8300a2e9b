package dev.penstock.mempool;

/**
 * What was taken from a pool and given back, counted when the JVM runs with
 * {@code -Dpenstock.mempool.stats=true} (DPDK: RTE_LIBRTE_MEMPOOL_STATS), else all 0. "Bulk" counts calls,
 * "objs" objects, "common pool" those that went past the caches.
 */
public final class MempoolStats {
    /** Whether counting is on; a constant to the JIT. */
    public static final boolean ENABLED = Boolean.getBoolean("penstock.mempool.stats");

    long putBulk;
    long putObjs;
    long putCommonPoolBulk;
    long putCommonPoolObjs;
    long getCommonPoolBulk;
    long getCommonPoolObjs;
    long getSuccessBulk;
    long getSuccessObjs;
    long getFailBulk;
    long getFailObjs;

    MempoolStats() {}

    void add(MempoolStats other) {
        putBulk += other.putBulk;
        putObjs += other.putObjs;
        putCommonPoolBulk += other.putCommonPoolBulk;
        putCommonPoolObjs += other.putCommonPoolObjs;
        getCommonPoolBulk += other.getCommonPoolBulk;
        getCommonPoolObjs += other.getCommonPoolObjs;
        getSuccessBulk += other.getSuccessBulk;
        getSuccessObjs += other.getSuccessObjs;
        getFailBulk += other.getFailBulk;
        getFailObjs += other.getFailObjs;
    }

    void put(int n) {
        putBulk++;
        putObjs += n;
    }

    void putCommon(int n) {
        putCommonPoolBulk++;
        putCommonPoolObjs += n;
    }

    void got(int n, boolean success) {
        if (success) {
            getSuccessBulk++;
            getSuccessObjs += n;
        } else {
            getFailBulk++;
            getFailObjs += n;
        }
    }

    void gotCommon(int n) {
        getCommonPoolBulk++;
        getCommonPoolObjs += n;
    }

    /** @return calls that gave objects back */
    public long putBulk() {
        return putBulk;
    }

    /** @return objects given back */
    public long putObjs() {
        return putObjs;
    }

    /** @return calls that gave objects to the common pool */
    public long putCommonPoolBulk() {
        return putCommonPoolBulk;
    }

    /** @return objects given to the common pool */
    public long putCommonPoolObjs() {
        return putCommonPoolObjs;
    }

    /** @return calls that took objects from the common pool */
    public long getCommonPoolBulk() {
        return getCommonPoolBulk;
    }

    /** @return objects taken from the common pool */
    public long getCommonPoolObjs() {
        return getCommonPoolObjs;
    }

    /** @return calls that got what they asked for */
    public long getSuccessBulk() {
        return getSuccessBulk;
    }

    /** @return objects that were asked for and got */
    public long getSuccessObjs() {
        return getSuccessObjs;
    }

    /** @return calls that got nothing */
    public long getFailBulk() {
        return getFailBulk;
    }

    /** @return objects that were asked for in vain */
    public long getFailObjs() {
        return getFailObjs;
    }

    @Override
    public String toString() {
        return "  stats:\n    put_bulk=" + putBulk + "\n    put_objs=" + putObjs
                + "\n    put_common_pool_bulk=" + putCommonPoolBulk + "\n    put_common_pool_objs=" + putCommonPoolObjs
                + "\n    get_common_pool_bulk=" + getCommonPoolBulk + "\n    get_common_pool_objs=" + getCommonPoolObjs
                + "\n    get_success_bulk=" + getSuccessBulk + "\n    get_success_objs=" + getSuccessObjs
                + "\n    get_fail_bulk=" + getFailBulk + "\n    get_fail_objs=" + getFailObjs + "\n";
    }
}
