/* A clock that is ahead by the seconds that stand in the file GROWTH_CLOCK, for the Python interpreter and for gRPC,
 * which waits until moments that Python tells it. What lasts, and the files, go by the true clock.
 *
 * libfaketime 0.9.10 hangs in time.sleep when its offset comes from a file that changes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const long *seconds_ahead;
static void *interpreter;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("GROWTH_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    void *known = dlsym(RTLD_DEFAULT, "Py_GetVersion");
    Dl_info found;
    if (file < 0 || !known || !dladdr(known, &found))
        return;
    interpreter = found.dli_fbase;
    void *place = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    seconds_ahead = place == MAP_FAILED ? NULL : place;
    close(file);
}

static long ahead_for(void *caller)
{
    Dl_info found;
    if (!seconds_ahead || !dladdr(caller, &found))
        return 0;
    return found.dli_fbase == interpreter || strstr(found.dli_fname, "cygrpc") ? *seconds_ahead : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    long answer = syscall(SYS_clock_gettime, clock, now);
    if (answer == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += ahead_for(__builtin_return_address(0));
    return (int)answer;
}

int gettimeofday(struct timeval *now, void *zone)
{
    long answer = syscall(SYS_gettimeofday, now, zone);
    if (answer == 0 && now)
        now->tv_sec += ahead_for(__builtin_return_address(0));
    return (int)answer;
}

time_t time(time_t *now)
{
    struct timespec found;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &found);
    found.tv_sec += ahead_for(__builtin_return_address(0));
    if (now)
        *now = found.tv_sec;
    return found.tv_sec;
}
