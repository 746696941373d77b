/* Ctrl-C and its like while learning: the first one asks to stop after the step being done, so that
 * what was learned is not lost; the second ends the program as ever. */
#include "tools/imgtrain/imgtrain.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof *signals };

static struct sigaction before[SIGNALS];
static volatile sig_atomic_t asked;

/* A program that waits for its sender would not see that it was asked: its input becomes one that
 * is at its end. A read that was interrupted begins again, and gets that. */
static volatile sig_atomic_t input = -1, nothing = -1;

static void ask(int number)
{
    asked = number;
    if (input >= 0)
        dup2(nothing, input);
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
}

void stop_catch(void)
{
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], NULL, &before[i]);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction action = {.sa_handler = ask, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        if (before[i].sa_handler != SIG_IGN) /* nohup, a job in the background */
            sigaction(signals[i], &action, NULL);
    }
}

int stop_asked(void)
{
    return asked;
}

void stop_hold(int hold)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&set, signals[i]);
    pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void stop_ends_input(int fd)
{
    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    input = nothing >= 0 ? fd : -1;
    if (asked && input >= 0) /* between stop_catch and here */
        dup2(nothing, input);
}

void stop_end(void)
{
    int number = asked;
    signal(number, SIG_DFL);
    raise(number);
}
