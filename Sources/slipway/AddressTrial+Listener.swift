import NIOCore
import NIOPosix
import NIOTLS
import Transport

extension AddressTrial {
  /// Hears what comes back on a connection: the end of a handshake, or the head of one answer at a time.
  final class Listener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    struct Silence: Error {}

    struct Head: Sendable {
      let status: Int
      /// Seconds since 1970.
      let date: Int64?
    }

    private static let limit = 65_536
    private var secured: EventLoopPromise<Void>
    private var head: EventLoopPromise<Head>
    private var text = ""

    init(_ loop: any EventLoop) {
      secured = loop.makePromise()
      head = loop.makePromise()
    }

    /// The next of what is waited for, for at most ``AddressTrial/patience`` seconds; what is sent first, if anything, is
    /// sent once somebody listens.
    static func next<Value: Sendable>(
      in channel: any Channel, sending bytes: ByteBuffer? = nil,
      _ what: @escaping @Sendable (Waiting) -> EventLoopFuture<Value>
    ) async throws -> Value {
      let loop = channel.eventLoop
      let found = loop.flatSubmit {
        do {
          let listener = try channel.pipeline.syncOperations.handler(type: Listener.self)
          let promise = loop.makePromise(of: Value.self)
          what(Waiting(secured: listener.secured.futureResult, head: listener.head.futureResult)).cascade(to: promise)
          if let bytes { channel.writeAndFlush(bytes, promise: nil) }
          let alarm = loop.scheduleTask(in: .seconds(AddressTrial.patience)) { promise.fail(Silence()) }
          promise.futureResult.whenComplete { _ in alarm.cancel() }
          return promise.futureResult
        } catch {
          return loop.makeFailedFuture(error)
        }
      }
      return try await found.get()
    }

    struct Waiting {
      let secured: EventLoopFuture<Void>
      let head: EventLoopFuture<Head>
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { secured.succeed() }
      context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      text += String(buffer: unwrapInboundIn(data))
      guard let end = text.firstRange(of: "\r\n\r\n") else {
        if text.utf8.count > Self.limit { context.close(promise: nil) }
        return
      }
      let lines = text[..<end.lowerBound].split(separator: "\r\n")
      text = ""
      let words = lines.first?.split(separator: " ") ?? []
      guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
        return context.close(promise: nil)
      }
      let date = lines.dropFirst().first { $0.lowercased().hasPrefix("date:") }
      let seconds = date.flatMap { HTTPDate.seconds(String($0.dropFirst(5).drop { $0 == " " })) }
      head.succeed(Head(status: status, date: seconds))
      head = context.eventLoop.makePromise()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      secured.fail(error)
      head.fail(error)
      context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
      secured.fail(ChannelError.eof)
      head.fail(ChannelError.eof)
    }
  }
}
