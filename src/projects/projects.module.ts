import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { ApiKey } from './api-key.entity.js'
import { ApiKeys } from './api-keys.js'
import { Project } from './project.entity.js'
import { Projects } from './projects.js'

@Module({
  imports: [TypeOrmModule.forFeature([Project, ApiKey])],
  providers: [ApiKeys, Projects],
  exports: [ApiKeys, Projects],
})
export class ProjectsModule {}
