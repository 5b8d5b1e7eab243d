const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const FILES = words(`
  access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
  fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync
  fgetxattr file_getattr file_setattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64
  fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 getxattr getxattrat inotify_add_watch inotify_init
  inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit
  ioctl lchown lchown32 lgetxattr link linkat listmount listxattr listxattrat llistxattr _llseek lremovexattr lseek
  lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat _newselect open openat openat2 pipe
  pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readdir readlink readlinkat readv removexattr
  removexattrat rename renameat renameat2 rmdir sendfile sendfile64 setxattr setxattrat splice stat stat64 statfs statfs64
  statmount statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime
  utimensat utimensat_time64 utimes vmsplice write writev
`);

const WAITING = words(`
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2
  futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake poll ppoll ppoll_time64 pselect6 pselect6_time64
  select signalfd signalfd4
`);

const MEMORY = words(`
  brk cachestat get_thread_area madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall
  mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease
  process_vm_readv process_vm_writev remap_file_pages set_thread_area shmat shmctl shmdt shmget
`);

const PROCESSES = words(`
  capget capset execve execveat exit exit_group fork getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups
  getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 getrlimit get_robust_list
  getrusage getsid gettid getuid getuid32 ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset
  landlock_restrict_self lsm_get_self_attr lsm_list_modules lsm_set_self_attr nice pause pidfd_open pidfd_send_signal prctl
  prlimit64 ptrace restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam
  sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
  sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp setfsgid setfsgid32 setfsuid
  setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid
  setresuid32 setreuid setreuid32 setrlimit set_robust_list setsid set_tid_address setuid setuid32 sigaction sigaltstack
  signal sigpending sigprocmask sigreturn sigsuspend sysinfo tgkill tkill ugetrlimit uname vfork wait4 waitid waitpid
`);

const MESSAGES = words(`
  accept accept4 bind connect getpeername getsockname getsockopt ipc listen mq_getsetattr mq_notify mq_open mq_timedreceive
  mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd recv recvfrom recvmmsg
  recvmmsg_time64 recvmsg semctl semget semop semtimedop semtimedop_time64 send sendmmsg sendmsg sendto setsockopt shutdown
  socketcall socketpair
`);

/** Reading the clocks, and the calls that also set one: the kernel asks for CAP_SYS_TIME where they do. */
const TIME = words(`
  adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 getitimer getrandom gettimeofday nanosleep setitimer time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64 times uretprobe
`);

/** What every container may call. Source: the manual pages of the calls. */
export const ALLOWED_CALLS: readonly string[] = [
  ...FILES,
  ...WAITING,
  ...MEMORY,
  ...PROCESSES,
  ...MESSAGES,
  ...TIME,
];

/** What programs of one kind of processor cannot do without. */
export const CALLS_BY_ARCHITECTURE: Readonly<Record<'x64' | 'arm64', readonly string[]>> = {
  x64: words('arch_prctl modify_ldt'),
  arm64: words('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'),
};

/** What reaches beyond a container, and the capability that lets it. Source: capabilities(7). */
export const CALLS_BY_CAPABILITY: ReadonlyMap<string, readonly string[]> = new Map([
  ['CAP_BPF', words('bpf')],
  ['CAP_DAC_READ_SEARCH', words('open_by_handle_at')],
  ['CAP_PERFMON', words('perf_event_open')],
  [
    'CAP_SYS_ADMIN',
    words(`
      bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree
      perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
    `),
  ],
  ['CAP_SYS_BOOT', words('reboot')],
  ['CAP_SYS_CHROOT', words('chroot')],
  ['CAP_SYS_MODULE', words('delete_module finit_module init_module')],
  ['CAP_SYS_NICE', words('get_mempolicy mbind set_mempolicy set_mempolicy_home_node')],
  ['CAP_SYS_PACCT', words('acct')],
  ['CAP_SYS_PTRACE', words('kcmp pidfd_getfd process_madvise')],
  ['CAP_SYS_RAWIO', words('ioperm iopl')],
  ['CAP_SYS_TIME', words('clock_settime clock_settime64 settimeofday stime')],
  ['CAP_SYS_TTY_CONFIG', words('vhangup')],
  ['CAP_SYSLOG', words('syslog')],
]);

/**
 * What no container may call, whatever it has: keys and pages that no namespace holds, ways into the kernel that have been broken
 * out of, relics. For tests and for whoever asks; a filter names only what is allowed.
 */
export const NEVER_ALLOWED_CALLS: readonly string[] = words(`
  _sysctl add_key create_module get_kernel_syms io_uring_enter io_uring_register io_uring_setup kexec_file_load kexec_load
  keyctl migrate_pages move_pages nfsservctl pivot_root query_module request_key swapoff swapon sysfs uselib userfaultfd ustat
  vm86 vm86old
`);
