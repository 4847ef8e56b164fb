import Cryptography
import Glibc
import Posix
import SystemPackage

/// A key that only a command can sign with, such as one in a hardware token or a cloud key service.
///
/// The command is run by `/bin/sh -c`. The bytes to sign are its standard input, a file that it may also open anew as
/// /dev/stdin or map; it writes the raw signature to standard output: 64 bytes for ed25519, DER for ECDSA, PSS for RSA.
/// Standard error is the caller's.
public struct SignerCommand: Sendable {
  public let publicKey: PublicKey
  public let command: String
  /// Seconds until it is killed.
  public let patience: Int

  private static let outputLimit = 1 << 16

  public init(publicKey: PublicKey, command: String, patience: Int = 60) {
    self.publicKey = publicKey
    self.command = command
    self.patience = patience
  }

  /// Errors: signer, naming the command and how it ended.
  func sign(_ payload: [UInt8]) throws -> [UInt8] {
    let input = try Self.file(holding: payload)
    defer { try? input.close() }
    let pipe = try FileDescriptor.pipe()
    defer { try? pipe.readEnd.close() }
    let child: pid_t
    do {
      defer { try? pipe.writeEnd.close() }
      child = try start(input: input, output: pipe.writeEnd, unwanted: pipe.readEnd)
    }
    let deadline = ContinuousClock.now + .seconds(patience)
    let signature = try read(pipe.readEnd, until: deadline, killing: child)
    guard let signature, let status = Self.wait(child, until: deadline) else {
      kill(child, SIGKILL)
      Self.reap(child)
      throw failure("gave no answer within \(patience) seconds and was killed")
    }
    guard status & 0x7F == 0 else { throw failure("was ended by signal \(status & 0x7F)") }
    let code = (status >> 8) & 0xFF
    guard code == 0 else { throw failure("ended with exit status \(code)") }
    guard publicKey.verify(signature: signature, message: payload) else {
      throw failure("wrote \(signature.count) bytes that are no signature of its public key (exit status 0)")
    }
    return signature
  }

  private func failure(_ what: String) -> PublishingError {
    PublishingError(
      .signer, "the signer command `\(command)` \(what)",
      remedy: "it must read the bytes to sign from standard input, write the raw signature alone to standard output, "
        + "and be of the public key that is named with it")
  }

  /// A file without a name: the command may read it as slowly as it likes, or not at all.
  private static func file(holding bytes: [UInt8]) throws -> FileDescriptor {
    var name = Array("/tmp/.slipway-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw PosixError("create", "/tmp", code: errno) }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let file = FileDescriptor(rawValue: descriptor)
    try file.writeFully(bytes, path: "payload")
    lseek(descriptor, 0, SEEK_SET)
    return file
  }

  private func start(input: FileDescriptor, output: FileDescriptor, unwanted: FileDescriptor) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.rawValue, 0)
    posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
    for descriptor in [unwanted, output] { posix_spawn_file_actions_addclose(&actions, descriptor.rawValue) }
    var arguments: [UnsafeMutablePointer<CChar>?] =
      ["/bin/sh", "-c", command].map { (text: String) in strdup(text) } + [nil]
    defer { arguments.forEach { free($0) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, "/bin/sh", &actions, nil, &arguments, environ)
    guard result == 0 else { throw failure("could not be started: \(String(cString: strerror(result)))") }
    return child
  }

  /// What the command writes until it closes its output; nil when time ran out first.
  private func read(_ pipe: FileDescriptor, until deadline: ContinuousClock.Instant, killing child: pid_t) throws
    -> [UInt8]?
  {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = (deadline - ContinuousClock.now).components
      guard left.seconds >= 0, left.attoseconds >= 0 else { return nil }
      var poller = pollfd(fd: pipe.rawValue, events: Int16(POLLIN), revents: 0)
      let ready = poll(&poller, 1, Int32(min(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000, 60_000)))
      guard ready > 0 else { continue }
      let count = Glibc.read(pipe.rawValue, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= Self.outputLimit else {
        kill(child, SIGKILL)
        Self.reap(child)
        throw failure("wrote more than \(Self.outputLimit) bytes")
      }
    }
  }

  /// The command may go on after it has closed its output; nil when time ran out first.
  private static func wait(_ child: pid_t, until deadline: ContinuousClock.Instant) -> Int32? {
    var status: Int32 = 0
    while true {
      if waitpid(child, &status, WNOHANG) == child { return status }
      guard ContinuousClock.now < deadline else { return nil }
      usleep(5_000)
    }
  }

  private static func reap(_ child: pid_t) {
    while waitpid(child, nil, 0) < 0, errno == EINTR {}
  }
}
