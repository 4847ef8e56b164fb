import CPosix
import Glibc
import Posix

extension SupervisorLoop {
  /// Clients at one time; each updater process has at most one.
  static let clientLimit = 32

  /// Takes new connections, carries out what is asked, and forgets those who left.
  func serveClients() {
    accept()
    for client in clients {
      client.flush()
      while let line = client.nextLine() { serve(line, client) }
    }
    clients.removeAll { client in
      guard client.isGone, !jobs.contains(where: { $0.client === client }) else { return false }
      close(client.descriptor)
      return true
    }
  }

  /// Answers those whose units have come to rest.
  func answerWaiting() {
    for client in clients {
      guard let names = client.waitingFor, names.allSatisfy({ units[$0]?.isSettled ?? true }) else { continue }
      let failed = names.filter { if case .failed = units[$0]?.phase { !client.waitsForStop } else { false } }
      client.reply(
        failed.isEmpty ? .done : .failed(ServicesError(.failed, failed.joined(separator: ", ") + ": failed")))
    }
  }

  private func accept() {
    while clients.count < Self.clientLimit {
      let descriptor = shim_accept(listener)
      guard descriptor >= 0 else { return }
      let client = Client(descriptor)
      var peer = uid_t.max
      if shim_peer_user(descriptor, &peer) == 0, peer == 0 || peer == geteuid() {
        clients.append(client)
      } else {
        // The socket's mode says so already; this stands when somebody has changed it.
        client.reply(.failed(ServicesError(.refused, "only root, and the user who started it, may ask")))
        close(descriptor)
      }
    }
  }

  private func serve(_ line: [UInt8], _ client: Client) {
    do {
      let request = try LocalSocket.decode(SupervisorRequest.self, line)
      if let reply = try serve(request, client) { client.reply(reply) }
    } catch let error as ServicesError {
      client.reply(.failed(error))
    } catch {
      client.reply(.failed(ServicesError(.failed, "\(error)")))
    }
  }

  /// The answer, or nil when it comes later.
  private func serve(_ request: SupervisorRequest, _ client: Client) throws -> SupervisorReply? {
    switch request.verb {
    case .describe: return SupervisorReply(isolation: isolation)
    case .status:
      let name = request.units.first ?? ""
      if let status = triggers.status(name) { return SupervisorReply(status: status) }
      return SupervisorReply(status: units[name]?.status ?? UnitStatus(loadState: "not-found"))
    case .reload:
      manifest = try settings.manifest()
      if settings.fetchInterval == nil { triggers.interval = Double(manifest.updates.intervalSeconds) }
      try loadPlans()
      return .done
    // Whatever is there is started at the next run: there is no state of its own to keep.
    case .enable, .disable: return .done
    case .resetFailed:
      for unit in request.units.compactMap({ units[$0] }) {
        unit.starts = []
        unit.restarts = 0
        if case .failed = unit.phase { unit.phase = .inactive }
      }
      return .done
    case .end:
      beginStopping()
      return .done
    case .run:
      guard let job = request.job else { throw ServicesError(.malformed, "run: no job") }
      try begin(job, for: client)
      return nil
    case .start, .stop, .restart:
      try change(request.verb, request.units)
      guard !request.noBlock else { return .done }
      client.waitingFor = request.units
      client.waitsForStop = request.verb == .stop
      return nil
    }
  }

  private func change(_ verb: SupervisorRequest.Verb, _ names: [String]) throws(ServicesError) {
    guard stage == .recovering || stage == .serving else { throw ServicesError(.refused, "stopping") }
    let now = HostClock.monotonicNanoseconds()
    for name in names {
      if triggers.arm(name, verb != .stop, now) { continue }
      guard let unit = units[name] else { throw ServicesError(.noSuchUnit, "\(name): not found") }
      switch (verb, unit.phase) {
      case (.stop, _):
        unit.startAfterStop = false
        stop(unit)
      case (.start, .running): break
      case (.restart, .running):
        unit.startAfterStop = true
        stop(unit)
      case (_, .stopping): unit.startAfterStop = true
      default: try startNow(unit)
      }
    }
  }
}
