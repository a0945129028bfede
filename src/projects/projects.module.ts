import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { ApiKey } from './api-key.entity.js'
import { ApiKeys } from './api-keys.js'
import { Project } from './project.entity.js'

@Module({
  imports: [TypeOrmModule.forFeature([Project, ApiKey])],
  providers: [ApiKeys],
  exports: [ApiKeys],
})
export class ProjectsModule {}
