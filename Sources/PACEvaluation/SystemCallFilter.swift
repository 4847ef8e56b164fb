import CPosix

/// A seccomp filter that lets listed system calls pass and answers every other with EPERM (seccomp(2), bpf(4)).
struct SystemCallFilter {
  /// On the one argument that is looked at, by its lower 32 bits.
  enum Condition {
    case equals(argument: Int, UInt32)
    case without(argument: Int, bits: UInt32)
  }

  private var instructions: [sock_filter]

  /// Offsets of `struct seccomp_data`: number, architecture, instruction pointer, six arguments of 64 bits.
  private static let number: UInt32 = 0
  private static let architecture: UInt32 = 4
  private static func argument(_ index: Int) -> UInt32 { UInt32(16 + 8 * index) }

  init() {
    instructions = [
      Self.load(Self.architecture),
      // Another architecture's system calls have other numbers.
      Self.jump(BPF_JEQ, shim_AUDIT_ARCH, ifTrue: 1, ifFalse: 0),
      Self.answer(shim_SECCOMP_RET_KILL_PROCESS),
    ]
  }

  mutating func allow(_ call: Int32, if condition: Condition? = nil) {
    let check: [sock_filter]
    switch condition {
    case nil: check = []
    case .equals(let argument, let value):
      check = [Self.load(Self.argument(argument)), Self.jump(BPF_JEQ, value, ifTrue: 0, ifFalse: 1)]
    case .without(let argument, let bits):
      check = [Self.load(Self.argument(argument)), Self.jump(BPF_JSET, bits, ifTrue: 1, ifFalse: 0)]
    }
    // A condition that does not hold jumps over the permission, to the refusal.
    let allowed = check + [Self.answer(shim_SECCOMP_RET_ALLOW)] + (check.isEmpty ? [] : [Self.refuse])
    instructions += [
      Self.load(Self.number), Self.jump(BPF_JEQ, UInt32(call), ifTrue: 0, ifFalse: UInt8(allowed.count)),
    ]
    instructions += allowed
  }

  /// From here on this process can do no more than what was allowed. False: the kernel does not take it.
  func install() -> Bool {
    var all = instructions + [Self.refuse]
    return shim_filter(&all, UInt16(all.count)) == 0
  }

  private static let refuse = answer(shim_SECCOMP_RET_ERRNO | UInt32(EPERM))

  private static func load(_ offset: UInt32) -> sock_filter {
    sock_filter(code: UInt16(BPF_LD | BPF_W | BPF_ABS), jt: 0, jf: 0, k: offset)
  }

  private static func jump(_ test: Int32, _ value: UInt32, ifTrue: UInt8, ifFalse: UInt8) -> sock_filter {
    sock_filter(code: UInt16(BPF_JMP | test | BPF_K), jt: ifTrue, jf: ifFalse, k: value)
  }

  private static func answer(_ action: UInt32) -> sock_filter {
    sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: action)
  }
}
