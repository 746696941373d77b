/* The accounts of shards against marks of a hostile input. */
#include "stream/shards.h"

#include "tests/tap.h"

int main(void)
{
    struct shards shards = {0};
    struct error err;
    for (uint32_t i = SHARDS_MAX; i > 0; i--)
        shards_add(&shards, i, SHARDS_MAX, &err);
    same_int(shards_check(&shards, &err), STATUS_OK, "as many shards as are remembered");
    same_int((long long)shards.capacity, SHARDS_MAX, "take no more memory than that");
    shards_add(&shards, 1, SHARDS_MAX, &err);
    same_int((long long)shards.count, SHARDS_MAX, "one more is not remembered");
    same_int(shards_check(&shards, &err), STATUS_DAMAGED, "but told");
    shards_free(&shards);
    return tap_done();
}
