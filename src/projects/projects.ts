import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { type Repository } from 'typeorm'
import { Project } from './project.entity.js'

/** Answers which projects there are. */
@Injectable()
export class Projects {
  constructor(@InjectRepository(Project) private readonly projects: Repository<Project>) {}

  /** Whether there is a project of this id, a uuid. */
  exists(id: string): Promise<boolean> {
    return this.projects.existsBy({ id })
  }
}
