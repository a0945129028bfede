import { type Response } from 'express'
import { REPLAY_HEADER } from '../../http/index.js'
import { type Acceptance } from '../schedule/async-action-scheduler.js'
import { type AsyncActionIdDto } from './async-action-id.dto.js'

/** The body of a 202; a header tells an answer that was given before. */
export function answerAccepted(
  response: Response,
  { asyncActionId, isReplay }: Acceptance,
): AsyncActionIdDto {
  if (isReplay) response.setHeader(REPLAY_HEADER, 'true')
  return { async_action_id: asyncActionId }
}
