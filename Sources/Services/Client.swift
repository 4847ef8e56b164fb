import Glibc

/// One connection to the supervisor's socket.
final class Client {
  let descriptor: Int32
  /// Units that have to settle before the answer is given.
  var waitingFor: [String]?
  /// Whether these were to be stopped: one that had failed before is stopped, as for systemctl(1).
  var waitsForStop = false
  private(set) var isGone = false
  private(set) var isBusy = false
  private var incoming: [UInt8] = []
  private var outgoing: [UInt8] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// What poll(2) looks for.
  var interest: Int16 { Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT) }

  /// The next whole request, when there is one and the last has been answered.
  func nextLine() -> [UInt8]? {
    receive()
    guard !isBusy, let end = incoming.firstIndex(of: 0x0A) else { return nil }
    let line = Array(incoming[..<end])
    incoming.removeSubrange(...end)
    isBusy = true
    return line
  }

  func reply(_ reply: SupervisorReply) {
    isBusy = false
    waitingFor = nil
    guard let line = try? LocalSocket.encode(reply) else { return hangUp() }
    outgoing += line
    flush()
  }

  func flush() {
    while !outgoing.isEmpty, !isGone {
      let count = outgoing.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { return hangUp() }
      outgoing.removeFirst(count)
    }
  }

  func hangUp() { isGone = true }

  private func receive() {
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while !isGone {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EAGAIN { return }
      guard count > 0, incoming.count + count <= LocalSocket.messageLimit else { return hangUp() }
      incoming += buffer[..<count]
    }
  }
}
